#pragma once

#include <bitset>

#include "core/routing/destination_selector.h"
#include "core/snapshot/campaign_streams.h"
#include "core/snapshot/format.h"

namespace tributary {

// The active regular streams of a campaign in a random order by weight, each once: the first one that takes the visitor
// has him as often as its share among those that would. A stream without weight is never drawn.
class StreamDraw {
 public:
  StreamDraw(const Streams& streams, RandomSource& random) noexcept : streams_(streams), random_(random) {}

  const fbs::Stream* next() noexcept {
    std::uint64_t sum = 0;
    for (std::uint32_t i = 0; i < size(); ++i) {
      sum += weight(i);
    }
    std::uint64_t ticket = sum == 0 ? 0 : draw_below(sum, random_);
    for (std::uint32_t i = 0; i < size(); ++i) {
      if (ticket < weight(i)) {
        drawn_.set(i);
        return streams_.Get(i);
      }
      ticket -= weight(i);
    }
    return nullptr;
  }

 private:
  std::uint32_t size() const noexcept {
    return streams_.size() < kMaxStreamsPerCampaign ? streams_.size() : kMaxStreamsPerCampaign;
  }
  std::uint64_t weight(std::uint32_t i) const noexcept {
    const fbs::Stream& stream = *streams_.Get(i);
    const bool regular = stream.kind() == fbs::StreamKind::Regular && stream.state() == fbs::State::Active;
    return regular && !drawn_.test(i) ? stream.weight() : 0;
  }

  const Streams& streams_;
  RandomSource& random_;
  std::bitset<kMaxStreamsPerCampaign> drawn_;
};

}  // namespace tributary
