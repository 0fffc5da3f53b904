#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "platform/net/address_guard.h"

// 16 bytes are an address, the rest a list of ranges. What is public is global unicast by its first bits, however it is
// written; text and address are the same; a list never refuses what passes without one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tributary;
  IpAddress address;
  if (size < address.bytes.size()) return 0;
  std::copy(data, data + address.bytes.size(), address.bytes.begin());
  const auto& b = address.bytes;
  const bool is_public = special_use(address).empty();
  const bool nat64 = b[0] == 0 && b[1] == 0x64;
  if (is_public && !address.is_v4() && !nat64 && (b[0] & 0xe0) != 0x20) std::abort();
  if (is_public && (address.is_v4() || nat64) && (b[12] == 127 || b[12] == 10 || b[12] >= 224)) std::abort();
  if (IpAddress::parse(address.text()) != address) std::abort();

  const auto* rest = reinterpret_cast<const char*>(data) + address.bytes.size();
  const auto guard = AddressGuard::parse({rest, size - address.bytes.size()});
  if (guard && is_public && !guard->refusal(address).empty()) std::abort();
  return 0;
}
