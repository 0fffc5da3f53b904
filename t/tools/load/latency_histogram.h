#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace tributary::load {

// Log-linear histogram of microseconds: 64 steps per power of two, so every value is kept to within 1.6 %.
class LatencyHistogram {
 public:
  void add(std::uint64_t us) noexcept {
    ++counts_[index(us)];
    ++count_;
    if (us > max_) max_ = us;
  }

  std::uint64_t count() const noexcept { return count_; }
  std::uint64_t max() const noexcept { return max_; }

  // The smallest value that at least `share` of the samples do not exceed.
  std::uint64_t quantile(double share) const noexcept {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > 0 && seen >= wanted) return lower_bound(i);
    }
    return max_;
  }

  std::uint64_t count_above(std::uint64_t us) const noexcept {
    std::uint64_t seen = 0;
    for (std::size_t i = index(us) + 1; i < counts_.size(); ++i) seen += counts_[i];
    return seen;
  }

 private:
  static constexpr unsigned kStepBits = 6;
  static constexpr std::size_t kSteps = 1u << kStepBits;

  static constexpr std::size_t index(std::uint64_t us) noexcept {
    if (us < kSteps) return static_cast<std::size_t>(us);
    const unsigned shift = static_cast<unsigned>(std::bit_width(us)) - kStepBits - 1;
    return (shift + 1) * kSteps + static_cast<std::size_t>((us >> shift) - kSteps);
  }
  static constexpr std::uint64_t lower_bound(std::size_t i) noexcept {
    if (i < kSteps) return i;
    const std::size_t shift = i / kSteps - 1;
    return (kSteps + i % kSteps) << shift;
  }

  std::array<std::uint64_t, (64 - kStepBits + 1) * kSteps> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace tributary::load
