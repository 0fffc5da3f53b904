#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/routing/candidates.h"
#include "core/snapshot/format.h"

namespace tributary {

// Every destination of a stream that takes the visitor, each asked once.
class Takers {
 public:
  struct Taker {
    const fbs::StreamDestination* item;
    const fbs::Destination* destination;  // of the item, or of its overflow
  };

  Takers(const fbs::Stream& stream, Candidates& candidates) noexcept {
    for (const fbs::StreamDestination* item : *stream.destinations()) {
      const fbs::Destination* destination = candidates.taker(*item);
      if (destination != nullptr && count_ < takers_.size()) {
        takers_[count_++] = {item, destination};
      }
    }
  }

  const Taker* begin() const noexcept { return takers_.data(); }
  const Taker* end() const noexcept { return takers_.data() + count_; }
  std::size_t size() const noexcept { return count_; }

  // One of them in proportion to its weight, `except` left out; nullptr when none has a weight.
  const Taker* draw(RandomSource& random, const Taker* except = nullptr) const noexcept;

 private:
  std::size_t count_ = 0;
  std::array<Taker, kMaxStreamDestinations> takers_;
};

}  // namespace tributary
