#include <cstdlib>
#include <string>

#include "core/request/lander_path.h"
#include "core/routing/lander_token.h"

using namespace tributary;

namespace {

constexpr std::size_t kMintedBytes = 26;  // an identity, stream, lander, which character changes, and to what

template <typename Number>
Number number_at(const std::uint8_t* data) {
  Number number = 0;
  for (std::size_t i = 0; i < sizeof(number); ++i) {
    number = static_cast<Number>(number << 8 | data[i]);
  }
  return number;
}

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

bool same(const LanderToken& a, const LanderToken& b) {
  return a.click == b.click && a.stream == b.stream && a.lander == b.lander;
}

// What we sign is read back; with one character changed it is refused, or it is the same written differently.
void check_minted(const std::uint8_t* data, const ClickIdKey& key, const ClickIdKeyring& keys) {
  ClickIdParts parts = unpack_click_id({number_at<std::uint64_t>(data), number_at<std::uint64_t>(data + 8)});
  parts.key = key.id;
  const LanderToken token{pack_click_id(parts), number_at<std::uint32_t>(data + 16),
                          number_at<std::uint32_t>(data + 20)};
  LanderTokenText text = write_lander_token(token, key);
  const auto read = read_lander_token({text.data(), text.size()}, keys, 1);
  require(read.ok() && same(*read, token));
  text[data[24] % text.size()] = static_cast<char>(data[25]);
  const auto changed = read_lander_token({text.data(), text.size()}, keys, 1);
  require(!changed.ok() || same(*changed, token));
}

}  // namespace

// The input is what stands behind the location of a lander's links, and then a token that is minted and changed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ClickIdKey key;
  key.id = 5;
  key.secret.fill(0x42);
  ClickIdKeyring keys;
  keys.add(key);

  const std::string tail(reinterpret_cast<const char*>(data), size);
  const LanderPath path = read_lander_path(tail);
  require(path.token.size() <= tail.size());
  const auto token = read_lander_token(path.token, keys, 1);
  require(!token.ok() || unpack_click_id(token->click).key == key.id);
  if (size >= kMintedBytes) {
    check_minted(data, key, keys);
  }
  return 0;
}
