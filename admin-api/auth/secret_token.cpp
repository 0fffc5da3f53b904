#include "admin-api/auth/secret_token.h"

#include <sodium.h>

#include <boost/crc.hpp>

#include "admin-api/text/random_text.h"

namespace tributary::admin {
namespace {

constexpr std::string_view kAlphabet = kBase62;
constexpr std::string_view kKeyPrefix = "trk_live_";
constexpr std::size_t kRandomLength = 32;
constexpr std::size_t kVisibleLength = 8;
constexpr std::size_t kChecksumLength = 6;

std::string checksum(std::string_view text) {
  boost::crc_32_type crc;
  crc.process_bytes(text.data(), text.size());
  auto rest = crc.checksum();
  std::string out(kChecksumLength, '0');
  for (auto place = out.rbegin(); place != out.rend(); ++place) {
    *place = kAlphabet[rest % kAlphabet.size()];
    rest /= static_cast<unsigned>(kAlphabet.size());
  }
  return out;
}

}  // namespace

std::string new_api_key() {
  const auto random = random_base62(kRandomLength);
  return std::string(kKeyPrefix) + random + checksum(random);
}

bool is_api_key(std::string_view text) {
  if (text.size() != kKeyPrefix.size() + kRandomLength + kChecksumLength || !text.starts_with(kKeyPrefix)) return false;
  text.remove_prefix(kKeyPrefix.size());
  return checksum(text.substr(0, kRandomLength)) == text.substr(kRandomLength);
}

std::string api_key_prefix(std::string_view key) {
  return std::string(key.substr(0, kKeyPrefix.size() + kVisibleLength));
}

bool equal_constant_time(std::string_view left, std::string_view right) {
  return left.size() == right.size() && sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace tributary::admin
