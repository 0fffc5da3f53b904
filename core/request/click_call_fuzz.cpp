#include <array>
#include <cstdlib>
#include <memory>
#include <vector>

#include "core/base/utf8.h"
#include "core/click_id/click_id.h"
#include "core/request/click_call.h"

using namespace tributary;

// The input is the query of a call of /click, on the heap so that its ends are known.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<char> bytes(data, data + size);
  auto parameters = std::make_unique<std::array<QueryParameter, kMaxQueryParameters>>();
  bool truncated = false;
  const std::size_t count = parse_query({bytes.data(), bytes.size()}, *parameters, truncated);
  std::vector<char> buffer(kMaxCallerClickId * 3);
  const ClickCallNames call = read_click_call({parameters->data(), count}, buffer);
  if (!call.problem.empty()) {
    return 0;
  }
  const bool named = call.affiliate != 0 && call.campaign != 0 && call.campaign <= kMaxCampaignId;
  const bool stored = !call.click_id.empty() && call.click_id.size() <= kMaxCallerClickId;
  if (!named || !stored || !is_clean_text(call.click_id)) {
    std::abort();
  }
  return 0;
}
