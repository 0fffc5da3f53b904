#pragma once

#include <algorithm>
#include <vector>

namespace tributary {

// Numbers from `first` to `last`, both included.
template <typename Number>
struct NumberRange {
  Number first{};
  Number last{};
  friend bool operator==(const NumberRange&, const NumberRange&) = default;
};

// Sorts, and joins what overlaps or touches, so that a search needs one comparison per step.
template <typename Number>
void merge_ranges(std::vector<NumberRange<Number>>& ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<NumberRange<Number>> merged;
  for (const auto& range : ranges) {
    if (!merged.empty() && (range.first <= merged.back().last || range.first - 1 == merged.back().last)) {
      merged.back().last = std::max(merged.back().last, range.last);
    } else {
      merged.push_back(range);
    }
  }
  ranges = std::move(merged);
}

// Is `number` in one of `count` sorted ranges? at(i) gives the i-th.
template <typename Number, typename At>
bool in_ranges(std::uint32_t count, const Number& number, At&& at) noexcept {
  std::uint32_t first = 0;  // the only range that may hold it is the last one before `end` that begins at or before it
  for (std::uint32_t end = count; first < end;) {
    const std::uint32_t middle = first + (end - first) / 2;
    if (at(middle).first <= number) {
      first = middle + 1;
    } else {
      end = middle;
    }
  }
  return first > 0 && number <= at(first - 1).last;
}

}  // namespace tributary
