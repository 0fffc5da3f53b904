#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/condition/evaluate.h"
#include "core/condition/fixed_visitor.h"
#include "core/condition/test_condition.h"

#include "core/base/cmocka.h"

// Sets of networks and ranges, against the definition of a network: the first bits are equal.

namespace tributary {
namespace {

struct Network {
  std::array<std::uint8_t, 16> bytes{};
  unsigned prefix = 0;
};

bool covers(const Network& network, const std::array<std::uint8_t, 16>& address) {
  for (unsigned bit = 0; bit < network.prefix; ++bit) {
    if (((network.bytes[bit / 8] ^ address[bit / 8]) >> (7 - bit % 8) & 1) != 0) {
      return false;
    }
  }
  return true;
}

// Addresses of few values, so that networks overlap, touch and hit.
std::array<std::uint8_t, 16> random_address(SplitMix64& random, std::size_t width) {
  std::array<std::uint8_t, 16> bytes{};
  bytes[0] = 0x20;
  for (std::size_t i = 1; i < width; ++i) {
    bytes[i] = static_cast<std::uint8_t>(random.below(4) == 0 ? random.below(256) : random.below(2) * 255);
  }
  return bytes;
}

bool accepted(const testing::TestCondition& condition, const std::array<std::uint8_t, 16>& address, std::size_t width) {
  testing::FixedVisitor visitor;
  testing::FixedConditionState state;
  RegexCache regexes;
  visitor.given_visit.address = AddressBytes(std::span(address).first(width));
  ConditionContext context{visitor, state, 0, regexes};
  return holds(*condition, context);
}

void compare_with_the_definition(std::size_t width, std::uint64_t seed) {
  SplitMix64 random(seed);
  int hits = 0;
  for (int round = 0; round < 150; ++round) {
    model::Condition condition{"ip", false, "", {}};
    std::vector<Network> networks(1 + random.below(20));
    for (Network& network : networks) {
      network.bytes = random_address(random, width);
      network.prefix = static_cast<unsigned>(8 + random.below(width * 8 - 7));
      const auto number = *address_number(std::span(network.bytes).first(width));
      condition.accepted.push_back(address_text(number) + "/" + std::to_string(network.prefix));
    }
    const testing::TestCondition compiled(condition);
    for (int probe = 0; probe < 100; ++probe) {
      const auto address = random_address(random, width);
      const bool expected = std::any_of(networks.begin(), networks.end(),
                                        [&](const Network& network) { return covers(network, address); });
      assert_int_equal(accepted(compiled, address, width), expected);
      hits += expected;
    }
  }
  assert_true(hits > 100 && hits < 14'900);
}

void a_set_of_networks_holds_what_its_networks_hold(void**) {
  compare_with_the_definition(4, 1);
  compare_with_the_definition(16, 2);
}

void fifty_thousand_values_are_found_and_their_neighbours_are_not(void**) {
  model::Condition condition{"keyword", false, "", {}};
  for (int i = 0; i < 50'000; ++i) {
    condition.accepted.push_back("Word" + std::to_string(i * 2));
  }
  const testing::TestCondition compiled(condition);
  testing::FixedVisitor visitor;
  testing::FixedConditionState state;
  RegexCache regexes;
  ConditionContext context{visitor, state, 0, regexes};
  for (int i = 0; i < 100'000; ++i) {
    const std::string word = "wORD" + std::to_string(i);
    visitor.given_tracking.keyword = word;
    assert_int_equal(holds(*compiled, context), i % 2 == 0);
  }
}

void expressions_are_compiled_once_and_the_cache_stays_small(void**) {
  RegexCache cache(2);
  assert_true(cache.matches("^a+$", "AAA"));
  assert_false(cache.matches("^a+$", "aab"));
  assert_int_equal(cache.compilations(), 1);
  assert_true(cache.matches("b", "abc"));
  assert_true(cache.matches("^a+$", "a"));
  assert_true(cache.matches("c", "abc"));  // "b" was not used for the longest time
  assert_int_equal(cache.size(), 2);
  assert_true(cache.matches("^a+$", "a"));
  assert_int_equal(cache.compilations(), 3);
  assert_false(cache.matches("(", "("));
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_set_of_networks_holds_what_its_networks_hold),
      cmocka_unit_test(fifty_thousand_values_are_found_and_their_neighbours_are_not),
      cmocka_unit_test(expressions_are_compiled_once_and_the_cache_stays_small),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
