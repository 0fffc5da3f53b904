#include <xxhash.h>

#include "core/postback/postback_mapper.h"

namespace tributary {
namespace {

// Each part is hashed under the hash of the parts before it, so that moving a byte from one to the next changes the
// result.
class Fingerprint {
 public:
  void add(std::string_view text) noexcept { hash_ = XXH3_64bits_withSeed(text.data(), text.size(), hash_ + 1); }
  void add(std::uint64_t number) noexcept { hash_ = XXH3_64bits_withSeed(&number, sizeof(number), hash_ + 1); }
  std::uint64_t value() const noexcept { return hash_; }

 private:
  std::uint64_t hash_ = 0;
};

}  // namespace

std::uint64_t transaction_fingerprint(const Postback& postback) noexcept {
  Fingerprint fingerprint;
  fingerprint.add(postback.network);
  fingerprint.add(postback.affiliate);
  fingerprint.add(postback.event);
  fingerprint.add(postback.transaction);
  if (postback.transaction.empty()) {
    fingerprint.add(postback.click.high);
    fingerprint.add(postback.click.low);
    if (postback.click.empty()) fingerprint.add(postback.click_text);
  }
  fingerprint.add(static_cast<std::uint64_t>(postback.status));
  fingerprint.add(postback.raw_status);
  fingerprint.add(static_cast<std::uint64_t>(postback.payout_micros));
  fingerprint.add(static_cast<std::uint64_t>(postback.revenue_micros));
  fingerprint.add(static_cast<std::uint64_t>(postback.cost_micros));
  fingerprint.add(postback.payout_given | postback.revenue_given << 1);
  fingerprint.add(postback.currency);
  return fingerprint.value();
}

}  // namespace tributary
