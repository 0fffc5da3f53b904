#include "core/routing/lander_token.h"

#include <string>

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

constexpr std::uint64_t kNow_ms = 1'795'219'200'000;

ClickIdKey key(std::uint8_t id, std::uint64_t valid_until_ms = 0) {
  ClickIdKey key;
  key.id = id;
  key.secret.fill(static_cast<std::uint8_t>(id + 40));
  key.valid_until_ms = valid_until_ms;
  return key;
}

ClickIdKeyring keys() {
  ClickIdKeyring keys;
  keys.add(key(1));
  keys.add(key(2, kNow_ms - 1));
  return keys;
}

std::string written(std::uint32_t stream, std::uint32_t lander, std::uint8_t key_id = 1) {
  const ClickIdentity click = pack_click_id({kNow_ms - 5000, 7, 3, 9, 77, key_id});
  const LanderTokenText text = write_lander_token({click, stream, lander}, key(key_id));
  return {text.data(), text.size()};
}

ClickIdError error_of(const std::string& text) {
  const auto token = read_lander_token(text, keys(), kNow_ms);
  assert_false(token.ok());
  return token.error();
}

void what_was_written_comes_back(void**) {
  for (const auto& [stream, lander] : {std::pair{1u, 2u}, {0xffffffffu, 0xffffffffu}, {0x80000001u, 0x01000000u}}) {
    const auto token = read_lander_token(written(stream, lander), keys(), kNow_ms);
    assert_true(token.ok());
    assert_int_equal(token->stream, stream);
    assert_int_equal(token->lander, lander);
    assert_int_equal(unpack_click_id(token->click).campaign, 77);
  }
}

void any_other_character_is_refused(void**) {
  const std::string whole = written(5, 6);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char c : {'0', '7', 'z', '!', '\0'}) {
      std::string text = whole;
      text[at] = c;
      if (text != whole) {
        assert_false(read_lander_token(text, keys(), kNow_ms).ok());
      }
    }
  }
}

// A visitor who has two of them cannot put the stream of one behind the click of the other.
void parts_of_two_tokens_make_none(void**) {
  const ClickIdentity other = pack_click_id({kNow_ms - 4000, 7, 3, 10, 77, 1});
  const LanderTokenText text = write_lander_token({other, 8, 9}, key(1));
  const std::string mixed = written(5, 6).substr(0, kClickIdLength) + std::string(text.data() + kClickIdLength, 24);
  assert_int_equal(error_of(mixed), ClickIdError::forged);
}

void what_is_cut_long_or_expired_is_refused_for_what_it_is(void**) {
  assert_int_equal(error_of(""), ClickIdError::malformed);
  assert_int_equal(error_of(written(5, 6).substr(0, kClickIdLength)), ClickIdError::malformed);
  assert_int_equal(error_of(written(5, 6) + "0"), ClickIdError::malformed);
  assert_int_equal(error_of(written(5, 6, 2)), ClickIdError::expired);
  assert_int_equal(error_of(written(5, 6, 3)), ClickIdError::unknown_key);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(what_was_written_comes_back),
      cmocka_unit_test(any_other_character_is_refused),
      cmocka_unit_test(parts_of_two_tokens_make_none),
      cmocka_unit_test(what_is_cut_long_or_expired_is_refused_for_what_it_is),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
