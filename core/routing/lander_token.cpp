#include "core/routing/lander_token.h"

#include <sodium.h>

#include <span>

#include "core/click_id/base32.h"
#include "core/click_id/tagged_mac.h"

namespace tributary {
namespace {

constexpr std::uint64_t kMacMask = (std::uint64_t{1} << 56) - 1;

std::uint64_t mac_of(const LanderToken& token, const ClickIdKey& key) noexcept {
  const std::uint64_t words[] = {token.click.high, token.click.low, std::uint64_t{token.stream} << 32 | token.lander};
  return tagged_mac("tributary lander", words, key) & kMacMask;
}

}  // namespace

// Behind the id 120 bits: stream 32, lander 32, MAC 56.
LanderTokenText write_lander_token(const LanderToken& token, const ClickIdKey& key) noexcept {
  LanderTokenText text;
  format_click_id(token.click, key, std::span(text).first<kClickIdLength>());
  const std::uint64_t mac = mac_of(token, key);
  const std::uint64_t first = std::uint64_t{token.stream} << 8 | token.lander >> 24;
  const std::uint64_t second = std::uint64_t{token.lander & 0xffffff} << 16 | mac >> 40;
  base32::write_groups<3>({first, second, mac}, std::span(text).last<24>());
  return text;
}

Result<LanderToken, ClickIdError> read_lander_token(std::string_view text, const ClickIdKeyring& keys,
                                                    std::uint64_t now_ms) noexcept {
  if (text.size() != kLanderTokenLength) {
    return ClickIdError::malformed;
  }
  const auto click = verify_click_id(text.substr(0, kClickIdLength), keys, now_ms);
  if (!click) {
    return click.error();
  }
  std::array<std::uint64_t, 3> groups;
  bool invalid = false;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i] = base32::read_group(text.substr(kClickIdLength + i * base32::kGroupLength), invalid);
  }
  if (invalid) {
    return ClickIdError::malformed;
  }
  LanderToken token{*click, static_cast<std::uint32_t>(groups[0] >> 8), 0};
  token.lander = static_cast<std::uint32_t>((groups[0] & 0xff) << 24 | groups[1] >> 16);
  const std::uint64_t given = (groups[1] & 0xffff) << 40 | groups[2];
  const std::uint64_t right = mac_of(token, *keys.find(unpack_click_id(*click).key));
  return sodium_memcmp(&given, &right, sizeof(given)) == 0 ? Result<LanderToken, ClickIdError>(token)
                                                           : ClickIdError::forged;
}

}  // namespace tributary
