#include <cstdlib>
#include <string>

#include "core/click_id/click_id.h"

using namespace tributary;

// The input is the text of an id, and then an identity that is minted and changed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ClickIdKey key;
  key.id = 5;
  key.secret.fill(0x42);
  ClickIdKeyring keys;
  keys.add(key);

  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto plain = verify_click_id(text, keys, 1);
  if (plain.ok() && unpack_click_id(*plain).key != key.id) {
    std::abort();
  }
  if (size < 18) {
    return 0;
  }
  ClickIdentity identity;
  for (int i = 0; i < 8; ++i) {
    identity.high = identity.high << 8 | data[i];
    identity.low = identity.low << 8 | data[8 + i];
  }
  ClickIdParts parts = unpack_click_id(identity);
  parts.key = key.id;
  identity = pack_click_id(parts);
  std::string minted(kClickIdLength, '\0');
  format_click_id(identity, key, std::span<char, kClickIdLength>(minted.data(), minted.size()));
  const auto verified = verify_click_id(minted, keys, 1);
  if (!verified.ok() || *verified != identity || unpack_click_id(*verified) != parts) {
    std::abort();
  }
  // One changed character: refused, or the same value written differently.
  minted[data[16] % kClickIdLength] = static_cast<char>(data[17]);
  const auto changed = verify_click_id(minted, keys, 1);
  if (changed.ok() && *changed != identity) {
    std::abort();
  }
  return 0;
}
