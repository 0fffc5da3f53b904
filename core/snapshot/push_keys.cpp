#include "core/snapshot/push_keys.h"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>
#include <stdexcept>

#include "core/base/fd.h"

namespace tributary {
namespace {

constexpr std::string_view kPrefix = "ed25519:";
constexpr std::size_t kMaxKeyFile = 256;

std::string encode(std::span<const std::uint8_t> key) {
  std::string text(sodium_base64_ENCODED_LEN(key.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  ::sodium_bin2base64(text.data(), text.size(), key.data(), key.size(), sodium_base64_VARIANT_ORIGINAL);
  text.back() = '\n';  // where the library put the end of the text
  return std::string(kPrefix) + text;
}

template <typename Key>
Result<Key, std::string> read(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, kMaxKeyFile> buffer;
  const ssize_t got = fd.valid() ? ::read(fd.get(), buffer.data(), buffer.size()) : -1;
  if (got < 0) {
    return path + ": " + std::strerror(errno);
  }
  std::string_view text(buffer.data(), static_cast<std::size_t>(got));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  Key key;
  std::size_t length = 0;
  const bool decoded =
      text.starts_with(kPrefix) &&
      ::sodium_base642bin(key.data(), key.size(), text.data() + kPrefix.size(), text.size() - kPrefix.size(), nullptr,
                          &length, nullptr, sodium_base64_VARIANT_ORIGINAL) == 0 &&
      length == key.size();
  ::sodium_memzero(buffer.data(), buffer.size());
  if (!decoded) {
    return path + ": is not one line ed25519:<base64 of " + std::to_string(key.size()) + " bytes>";
  }
  return key;
}

}  // namespace

Result<PushPublicKey, std::string> read_push_public_key(const std::string& path) {
  return read<PushPublicKey>(path);
}

Result<PushSecretKey, std::string> read_push_secret_key(const std::string& path) {
  return read<PushSecretKey>(path);
}

PushKeyPair generate_push_keys() {
  if (::sodium_init() < 0) {
    throw std::runtime_error("libsodium cannot be initialised");
  }
  PushKeyPair pair;
  ::crypto_sign_keypair(pair.public_key.data(), pair.secret_key.data());
  return pair;
}

std::string push_key_text(const PushPublicKey& key) {
  return encode(key);
}
std::string push_key_text(const PushSecretKey& key) {
  return encode(key);
}

}  // namespace tributary
