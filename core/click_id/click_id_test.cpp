#include "core/click_id/click_id.h"

#include <cctype>
#include <set>
#include <string>

#include "core/base/cmocka.h"
#include "core/base/random.h"
#include "core/click_id/base32.h"

using namespace tributary;

namespace {

constexpr std::uint64_t kNow = 1'790'000'000'000;
constexpr ClickIdParts kParts{kNow, 1023, 255, 65535, kMaxCampaignId, 3};

ClickIdKey key_number(std::uint8_t id) {
  ClickIdKey key;
  key.id = id;
  for (std::size_t i = 0; i < key.secret.size(); ++i) {
    key.secret[i] = static_cast<std::uint8_t>(i * 17 + id);
  }
  return key;
}

ClickIdKeyring keyring(std::initializer_list<ClickIdKey> keys) {
  ClickIdKeyring ring;
  for (const ClickIdKey& key : keys) {
    ring.add(key);
  }
  return ring;
}

std::string text_of(const ClickIdParts& parts, const ClickIdKey& key) {
  std::array<char, kClickIdLength> out;
  format_click_id(pack_click_id(parts), key, out);
  return {out.data(), out.size()};
}

ClickIdParts random_parts(SplitMix64& random) {
  const auto bits = [&](unsigned n) { return static_cast<std::uint32_t>(random.next() >> (64 - n)); };
  return {random.next() >> 22, bits(10), bits(8), bits(16), bits(28), bits(4)};
}

ClickIdError error_of(std::string_view text, const ClickIdKeyring& keys, std::uint64_t now_ms = kNow) {
  const auto result = verify_click_id(text, keys, now_ms);
  assert_false(result.ok());
  return result.error();
}

void every_part_comes_back(void**) {
  SplitMix64 random{1};
  for (int i = 0; i < 100'000; ++i) {
    const ClickIdParts parts = random_parts(random);
    const ClickIdentity identity = pack_click_id(parts);
    assert_true(unpack_click_id(identity) == parts);
    assert_int_equal(identity.low & 0xfffff, 0);
  }
}

void identities_order_by_time_then_place_then_sequence(void**) {
  const ClickIdParts base{1000, 5, 7, 9, 11, 1};
  const auto later = [&](auto change) {
    ClickIdParts parts = base;
    change(parts);
    return pack_click_id(parts);
  };
  assert_true(pack_click_id(base) < later([](auto& p) { p.sequence = 10; }));
  assert_true(later([](auto& p) { p.sequence = 65535; }) < later([](auto& p) { p.slot = 8; }));
  assert_true(later([](auto& p) { p.slot = 255; }) < later([](auto& p) { p.edge = 6; }));
  assert_true(later([](auto& p) { p.edge = 1023; }) < later([](auto& p) { p.time_ms = 1001; }));
}

// proves: A32
void a_minted_id_verifies_to_its_identity(void**) {
  SplitMix64 random{2};
  for (int i = 0; i < 20'000; ++i) {
    const ClickIdParts parts = random_parts(random);
    const ClickIdKey key = key_number(static_cast<std::uint8_t>(parts.key));
    const auto result = verify_click_id(text_of(parts, key), keyring({key}), kNow);
    assert_true(result.ok());
    assert_true(*result == pack_click_id(parts));
  }
}

// The format is a contract with every id already handed out: this text must verify for ever.
void the_text_form_is_fixed(void**) {
  const std::string text = text_of({1'790'000'000'000, 1, 2, 3, 4, 5}, key_number(5));
  assert_text(text, "d0rh86r00082001g00008n5pdewyd7h4");
}

void ids_use_only_characters_that_survive_anywhere(void**) {
  for (const char c : text_of(kParts, key_number(3))) {
    assert_true((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'));
  }
}

void upper_case_and_look_alikes_are_read(void**) {
  const ClickIdKey key = key_number(0);
  const ClickIdKeyring ring = keyring({key});
  const std::string text = text_of({kNow, 0, 0, 1, 33, 0}, key);
  std::string upper = text;
  std::string mistaken = text;
  for (std::size_t i = 0; i < text.size(); ++i) {
    upper[i] = static_cast<char>(std::toupper(text[i]));
    mistaken[i] = text[i] == '0' ? 'O' : text[i] == '1' ? (i % 2 == 0 ? 'I' : 'l') : text[i];
  }
  assert_true(mistaken != text);
  assert_true(*verify_click_id(upper, ring, kNow) == *verify_click_id(text, ring, kNow));
  assert_true(*verify_click_id(mistaken, ring, kNow) == *verify_click_id(text, ring, kNow));
}

// proves: A32
void every_flipped_bit_is_refused(void**) {
  ClickIdKeyring ring;
  for (std::uint8_t id = 0; id < 16; ++id) {
    ring.add(key_number(id));
  }
  const std::string text = text_of(kParts, key_number(3));
  for (std::size_t bit = 0; bit < 160; ++bit) {
    std::string forged = text;
    const auto value = base32::kValues[static_cast<unsigned char>(text[bit / 5])];
    forged[bit / 5] = base32::kAlphabet[value ^ (16u >> bit % 5)];
    assert_int_equal(error_of(forged, ring), ClickIdError::forged);
  }
}

void every_other_character_is_refused(void**) {
  const ClickIdKey key = key_number(3);
  const std::string text = text_of(kParts, key);
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = text;
      changed[at] = static_cast<char>(byte);
      const bool same_value =
          base32::kValues[static_cast<unsigned char>(byte)] == base32::kValues[static_cast<unsigned char>(text[at])];
      assert_int_equal(verify_click_id(changed, keyring({key}), kNow).ok(), same_value);
    }
  }
}

void any_other_length_is_malformed(void**) {
  const ClickIdKey key = key_number(3);
  const std::string text = text_of(kParts, key);
  for (std::size_t length = 0; length < text.size(); ++length) {
    assert_int_equal(error_of(text.substr(0, length), keyring({key})), ClickIdError::malformed);
  }
  assert_int_equal(error_of(text + "0", keyring({key})), ClickIdError::malformed);
  assert_int_equal(error_of(text.substr(1) + "u", keyring({key})), ClickIdError::malformed);
}

void an_id_of_another_installation_is_forged(void**) {
  ClickIdKey ours = key_number(3);
  ours.secret[15] ^= 1;
  assert_int_equal(error_of(text_of(kParts, key_number(3)), keyring({ours})), ClickIdError::forged);
}

void a_key_that_is_gone_is_named(void**) {
  assert_int_equal(error_of(text_of(kParts, key_number(3)), keyring({key_number(4)})), ClickIdError::unknown_key);
}

void ids_of_an_expired_key_are_refused_as_expired(void**) {
  ClickIdKey key = key_number(3);
  key.valid_until_ms = kNow;
  const std::string text = text_of(kParts, key);
  assert_true(verify_click_id(text, keyring({key}), kNow).ok());
  assert_int_equal(error_of(text, keyring({key}), kNow + 1), ClickIdError::expired);

  std::string forged = text;
  forged.back() = forged.back() == '0' ? '1' : '0';
  assert_int_equal(error_of(forged, keyring({key}), kNow + 1), ClickIdError::forged);
}

void rotation_mints_with_the_newest_key_that_has_begun(void**) {
  ClickIdKey old_key = key_number(1);
  ClickIdKey new_key = key_number(2);
  new_key.mint_from_ms = kNow;
  const ClickIdKeyring ring = keyring({new_key, old_key});
  assert_int_equal(ring.minting(kNow - 1)->id, 1);
  assert_int_equal(ring.minting(kNow)->id, 2);

  const std::string before = text_of({kNow - 1, 0, 0, 0, 7, 1}, old_key);
  assert_true(verify_click_id(before, ring, kNow + 1).ok());
}

void nothing_mints_when_every_key_is_in_the_future_or_expired(void**) {
  ClickIdKey future = key_number(1);
  future.mint_from_ms = kNow + 1;
  ClickIdKey expired = key_number(2);
  expired.valid_until_ms = kNow - 1;
  assert_null(keyring({future, expired}).minting(kNow));
  assert_null(ClickIdKeyring{}.minting(kNow));
}

void a_stamp_follows_the_clock(void**) {
  assert_int_equal(next_click_stamp(0, kNow), kNow << 16);
  assert_int_equal(next_click_stamp(kNow << 16, kNow), (kNow << 16) + 1);
  assert_int_equal(next_click_stamp((kNow << 16) + 77, kNow + 1), (kNow + 1) << 16);
}

void a_clock_that_steps_back_does_not_repeat_a_stamp(void**) {
  SplitMix64 random{3};
  std::uint64_t stamp = 0;
  std::uint64_t now_ms = kNow;
  for (int i = 0; i < 200'000; ++i) {
    now_ms = now_ms + random.below(3) - (random.below(100) == 0 ? random.below(60'000) : 0);
    const std::uint64_t next = next_click_stamp(stamp, now_ms);
    assert_true(next > stamp);
    stamp = next;
  }
}

void a_full_sequence_borrows_the_next_millisecond(void**) {
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
  std::uint64_t stamp = 0;
  for (int i = 0; i < 70'000; ++i) {
    stamp = next_click_stamp(stamp, kNow);
    const ClickIdParts parts{stamp >> 16, 1, 1, static_cast<std::uint32_t>(stamp & 0xffff), 5, 0};
    const ClickIdentity identity = pack_click_id(parts);
    assert_true(seen.emplace(identity.high, identity.low).second);
  }
  assert_int_equal(stamp >> 16, kNow + 1);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(every_part_comes_back),
      cmocka_unit_test(identities_order_by_time_then_place_then_sequence),
      cmocka_unit_test(a_minted_id_verifies_to_its_identity),
      cmocka_unit_test(the_text_form_is_fixed),
      cmocka_unit_test(ids_use_only_characters_that_survive_anywhere),
      cmocka_unit_test(upper_case_and_look_alikes_are_read),
      cmocka_unit_test(every_flipped_bit_is_refused),
      cmocka_unit_test(every_other_character_is_refused),
      cmocka_unit_test(any_other_length_is_malformed),
      cmocka_unit_test(an_id_of_another_installation_is_forged),
      cmocka_unit_test(a_key_that_is_gone_is_named),
      cmocka_unit_test(ids_of_an_expired_key_are_refused_as_expired),
      cmocka_unit_test(rotation_mints_with_the_newest_key_that_has_begun),
      cmocka_unit_test(nothing_mints_when_every_key_is_in_the_future_or_expired),
      cmocka_unit_test(a_stamp_follows_the_clock),
      cmocka_unit_test(a_clock_that_steps_back_does_not_repeat_a_stamp),
      cmocka_unit_test(a_full_sequence_borrows_the_next_millisecond),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
