#include "core/routing/trafficback_hops.h"

#include <string>
#include <vector>

#include "core/base/cmocka.h"

namespace tributary {
namespace {

constexpr std::uint64_t kNow_ms = 1'795'219'200'000;

ClickIdKey key(std::uint8_t id, std::uint8_t fill) {
  ClickIdKey key;
  key.id = id;
  key.secret.fill(fill);
  return key;
}

ClickIdKeyring ring() {
  ClickIdKeyring keys;
  keys.add(key(3, 7));
  keys.add(key(4, 8));
  return keys;
}

std::string text_of(unsigned hops, const ClickIdKey& with, std::uint64_t now_ms = kNow_ms) {
  const HopText text = write_hops(hops, with, now_ms);
  const std::string_view parameter(text.data(), text.size());
  assert_text(parameter.substr(0, kHopParameter.size() + 1), "tributary_hop=");
  return std::string(parameter.substr(kHopParameter.size() + 1));
}

unsigned read(const std::vector<std::string>& values, std::uint64_t now_ms = kNow_ms) {
  std::vector<QueryParameter> parameters{{"sub1", "x", true}};
  for (const std::string& value : values) {
    parameters.push_back({kHopParameter, value, true});
  }
  return read_hops(parameters, ring(), now_ms);
}

// proves: A42
void a_count_is_read_as_it_was_written(void**) {
  for (unsigned hops = 0; hops <= kMaxHops; ++hops) {
    assert_int_equal(read({text_of(hops, key(3, 7))}), hops);
  }
  assert_int_equal(read({text_of(200, key(4, 8))}), kMaxHops);
}

void an_altered_or_invented_count_is_none(void**) {
  const std::string right = text_of(5, key(3, 7));
  for (std::size_t i = 0; i < right.size(); ++i) {
    for (const char c : {'0', 'z', 'u', '%', '\0'}) {
      std::string wrong = right;
      wrong[i] = c;
      assert_int_equal(read({wrong}), wrong == right ? 5 : 0);
    }
  }
  for (const char* value :
       {"", "5", "0000000000000000", "zzzzzzzzzzzzzzzz", "ZZZZZZZZZZZZZZZZ", "-1", "99999999999999999"}) {
    assert_int_equal(read({value}), 0);
  }
  assert_int_equal(read({text_of(5, key(3, 9))}), 0);   // another secret
  assert_int_equal(read({text_of(5, key(12, 7))}), 0);  // a key that nobody has
}

void the_highest_of_several_counts(void**) {
  assert_int_equal(read({text_of(2, key(3, 7)), "forged", text_of(9, key(4, 8)), text_of(1, key(3, 7))}), 9);
}

void an_old_count_is_none(void**) {
  const std::string text = text_of(5, key(3, 7));
  assert_int_equal(read({text}, kNow_ms + kHopLife_ms), 5);
  assert_int_equal(read({text}, kNow_ms + kHopLife_ms + 60'000), 0);
  assert_int_equal(read({text}, kNow_ms - 2 * 60'000), 5);  // the clock of another edge
  assert_int_equal(read({text}, kNow_ms - 3 * 60'000), 0);
}

void a_host_is_compared_without_what_stands_around_it(void**) {
  assert_true(leads_to("https://t.example/c/x", "t.example"));
  assert_true(leads_to("http://user:pass@T.example:8080?x", "t.example"));
  assert_true(leads_to("http://[::1]:8080/", "[::1]"));
  assert_true(leads_to("https://t.example.:8080/", "t.example"));
  assert_false(leads_to("https://t.example.evil.example/", "t.example"));
  assert_false(leads_to("https://evil.example/@t.example", "t.example"));
  assert_false(leads_to("https://evil.example/", ""));
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_count_is_read_as_it_was_written),
      cmocka_unit_test(an_altered_or_invented_count_is_none),
      cmocka_unit_test(the_highest_of_several_counts),
      cmocka_unit_test(an_old_count_is_none),
      cmocka_unit_test(a_host_is_compared_without_what_stands_around_it),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
