#include "core/state/click_fingerprint.h"

#include <set>
#include <string>

#include "core/base/cmocka.h"

namespace tributary {
namespace {

// XXH3 folds its seed into short texts by one exclusive or: with a seed that counts, ids that count met each other.
// proves: B13
void numbered_ids_in_neighbouring_campaigns_are_all_told_apart(void**) {
  std::set<std::uint64_t> seen;
  std::size_t made = 0;
  for (const char* prefix : {"", "c", "ext", "click-", "click-2026-"}) {
    for (unsigned id = 1000; id < 6000; ++id) {
      const std::string click_id = prefix + std::to_string(id);
      for (std::uint32_t campaign : {kAnyCampaign, 1u, 2u, 3u, 258u, kSeveralCampaigns}) {
        seen.insert(click_fingerprint(1, campaign, click_id));
        seen.insert(click_fingerprint(2, campaign, click_id));
        made += 2;
      }
    }
  }
  assert_int_equal(seen.size(), made);
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {cmocka_unit_test(numbered_ids_in_neighbouring_campaigns_are_all_told_apart)};
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
