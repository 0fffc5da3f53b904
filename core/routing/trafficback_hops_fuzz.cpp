#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "core/routing/trafficback_hops.h"

using namespace tributary;

namespace {

constexpr std::uint64_t kNow_ms = 1'790'000'000'000;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

ClickIdKeyring keyring() {
  ClickIdKey key;
  key.id = 5;
  key.secret.fill(0x42);
  ClickIdKeyring keys;
  keys.add(key);
  return keys;
}

// The query on the heap, so that its ends are known.
unsigned hops_of(std::string_view query, const ClickIdKeyring& keys, std::uint64_t now_ms = kNow_ms) {
  const std::vector<char> bytes(query.begin(), query.end());
  auto parameters = std::make_unique<std::array<QueryParameter, kMaxQueryParameters>>();
  bool truncated = false;
  const std::size_t count = parse_query({bytes.data(), bytes.size()}, *parameters, truncated);
  const unsigned hops = read_hops({parameters->data(), count}, keys, now_ms);
  require(hops <= kMaxHops);
  return hops;
}

}  // namespace

// Two bytes that say how to change a count of ours, then a query as a stranger may write it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  static const ClickIdKeyring keys = keyring();
  const std::string query(reinterpret_cast<const char*>(data + 2), size - 2);
  const unsigned strangers = hops_of(query, keys);

  const unsigned hops = data[0] & kMaxHops;
  const HopText ours = write_hops(hops, *keys.find(5), kNow_ms);
  std::string text(ours.data(), ours.size());
  // One parameter more may push another out of the number that is read.
  const unsigned both = hops_of(text + "&" + query, keys);
  require(both >= hops && both <= std::max(hops, strangers));
  require(hops_of(text, keys, kNow_ms + kHopLife_ms + 60'000) == 0);

  // One changed character: no count, or the same one written differently.
  text[kHopParameter.size() + 1 + data[0] % kHopTextLength] = static_cast<char>(data[1]);
  const unsigned changed = hops_of(text, keys);
  require(changed == 0 || changed == hops);
  return 0;
}
