#include "core/visitor/address_privacy.h"

#include <arpa/inet.h>

#include <set>
#include <string>

#include "core/visitor/address_keys.h"

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

constexpr AddressKey kKey = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

std::string private_text(AddressPrivacy privacy, const char* text, const AddressKey& key = kKey) {
  std::array<std::uint8_t, 16> bytes{};
  const std::size_t size = inet_pton(AF_INET, text, bytes.data()) == 1 ? 4 : 16;
  assert_true(size == 4 || inet_pton(AF_INET6, text, bytes.data()) == 1);
  std::array<std::uint8_t, 16> out{};
  const AddressBytes result = private_address(privacy, AddressBytes(bytes.data(), size), key, out);
  char printed[INET6_ADDRSTRLEN] = "";
  inet_ntop(result.size() == 4 ? AF_INET : AF_INET6, result.data(), printed, sizeof printed);
  return printed;
}

void a_kept_address_stays_what_it_is(void**) {
  assert_text(private_text(AddressPrivacy::keep, "192.0.2.77"), "192.0.2.77");
  assert_text(private_text(AddressPrivacy::keep, "2001:db8::77"), "2001:db8::77");
}

void a_truncated_address_keeps_its_network(void**) {
  assert_text(private_text(AddressPrivacy::truncate, "192.0.2.77"), "192.0.2.0");
  assert_text(private_text(AddressPrivacy::truncate, "::ffff:192.0.2.77"), "192.0.2.0");
  assert_text(private_text(AddressPrivacy::truncate, "2001:db8:1:2:3:4:5:6"), "2001:db8:1::");
}

void a_hashed_address_stands_for_one_visitor(void**) {
  const std::string hashed = private_text(AddressPrivacy::hash, "192.0.2.77");
  assert_text(private_text(AddressPrivacy::hash, "192.0.2.77"), hashed);
  assert_text(private_text(AddressPrivacy::hash, "::ffff:192.0.2.77"), hashed);
  assert_text(hashed.substr(0, 2), "fd");
  std::set<std::string> all;
  for (int i = 0; i < 256; ++i) {
    all.insert(private_text(AddressPrivacy::hash, ("192.0.2." + std::to_string(i)).c_str()));
  }
  assert_int_equal(all.size(), 256);
}

void another_key_gives_another_hash(void**) {
  AddressKey other = kKey;
  other[0] ^= 1;
  assert_true(private_text(AddressPrivacy::hash, "192.0.2.77") !=
              private_text(AddressPrivacy::hash, "192.0.2.77", other));
}

void what_is_no_address_gives_none(void**) {
  std::array<std::uint8_t, 16> out{};
  const std::uint8_t odd[] = {1, 2, 3};
  for (const AddressPrivacy privacy : {AddressPrivacy::truncate, AddressPrivacy::hash}) {
    assert_int_equal(private_address(privacy, {}, kKey, out).size(), 0);
    assert_int_equal(private_address(privacy, AddressBytes(odd), kKey, out).size(), 0);
  }
}

constexpr std::uint8_t kSecret[] = "a secret of thirty-two characters";

void edges_with_one_secret_have_one_key(void**) {
  AddressKeys one(kSecret, 0);
  AddressKeys other(kSecret, 0);
  assert_true(one.at(1) == other.at(UINT64_MAX));
  AddressKeys stranger{std::span(kSecret).first(16), 0};
  assert_true(one.at(1) != stranger.at(1));
}

void a_period_has_a_key_of_its_own(void**) {
  constexpr std::uint64_t kDay_ms = 86'400'000;
  AddressKeys keys(kSecret, 86'400);
  const AddressKey first = keys.at(20'000 * kDay_ms);
  assert_true(keys.at(20'001 * kDay_ms - 1) == first);
  assert_true(keys.at(20'001 * kDay_ms) != first);
  assert_true(keys.at(20'000 * kDay_ms) == first);
  AddressKeys late(kSecret, 86'400);
  assert_true(late.at(20'000 * kDay_ms + 5) == first);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_kept_address_stays_what_it_is),
      cmocka_unit_test(a_truncated_address_keeps_its_network),
      cmocka_unit_test(a_hashed_address_stands_for_one_visitor),
      cmocka_unit_test(another_key_gives_another_hash),
      cmocka_unit_test(edges_with_one_secret_have_one_key),
      cmocka_unit_test(a_period_has_a_key_of_its_own),
      cmocka_unit_test(what_is_no_address_gives_none),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
