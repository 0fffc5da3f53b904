#include "t/tools/push_keys.h"

#include <sodium.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace tributary::tools {
namespace {

constexpr std::string_view kPrefix = "ed25519:";

template <typename Key>
bool read_key(const std::string& path, Key& key) {
  std::ifstream file(path);
  std::string text;
  if (!(file >> text) || !text.starts_with(kPrefix)) return false;
  std::size_t length = 0;
  const bool decoded =
      sodium_base642bin(key.data(), key.size(), text.data() + kPrefix.size(), text.size() - kPrefix.size(), nullptr,
                        &length, nullptr, sodium_base64_VARIANT_ORIGINAL) == 0;
  return decoded && length == key.size();
}

void write_key(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  if (!(file << text << '\n' << std::flush)) throw std::runtime_error("cannot write " + path);
}

}  // namespace

std::string key_text(const unsigned char* key, std::size_t length) {
  std::string text(sodium_base64_encoded_len(length, sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), key, length, sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();
  return std::string(kPrefix) + text;
}

PushKeys load_or_make_keys(const std::string& dir) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium does not start");
  const std::string secret = dir + "/push.key";
  const std::string open = dir + "/push.pub";
  PushKeys keys;
  if (read_key(secret, keys.secret_key) && read_key(open, keys.public_key)) return keys;
  crypto_sign_keypair(keys.public_key.data(), keys.secret_key.data());
  write_key(secret, key_text(keys.secret_key.data(), keys.secret_key.size()));
  std::filesystem::permissions(secret, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  write_key(open, key_text(keys.public_key.data(), keys.public_key.size()));
  return keys;
}

}  // namespace tributary::tools
