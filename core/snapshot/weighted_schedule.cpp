#include "core/snapshot/weighted_schedule.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

namespace tributary {
namespace {

// Gives `budget` places in proportion; an item too light for one place gets one, at the cost of the others.
std::vector<std::uint32_t> scaled_places(std::span<const std::uint32_t> weights, std::uint64_t sum) {
  std::uint64_t budget = kMaxSchedulePlaces;
  std::vector<std::uint32_t> places(weights.size(), 0);
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (weights[i] > 0 && places[i] == 0 && weights[i] * budget < sum) {
        places[i] = 1;
        --budget;
        sum -= weights[i];
        changed = true;
      }
    }
  }
  std::vector<std::pair<std::uint64_t, std::size_t>> remainders;
  std::uint64_t left = budget;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] > 0 && places[i] == 0) {
      places[i] = static_cast<std::uint32_t>(weights[i] * budget / sum);
      left -= places[i];
      remainders.emplace_back(weights[i] * budget % sum, i);
    }
  }
  std::stable_sort(remainders.begin(), remainders.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (std::size_t i = 0; i < left; ++i) {
    ++places[remainders[i].second];
  }
  return places;
}

// One item while the schedule is made. All numbers are scaled by the sum of places.
struct Item {
  std::uint16_t ordinal;
  std::int64_t places;
  std::int64_t picked = 0;
};

// Tijdeman's rule for pick number `n` of `sum`: among the items that are due, i.e. whose lag is at least 1/(2k-2), the
// one that would be the first to fall behind by more than 1 - 1/(2k-2).
Item& next_item(std::vector<Item>& items, std::int64_t n, std::int64_t sum) {
  const auto k = static_cast<std::int64_t>(items.size());
  Item* best = nullptr;
  std::int64_t best_slack = 0;
  for (Item& item : items) {
    const std::int64_t lag = (item.places * n - item.picked * sum) * (2 * k - 2);
    if (lag < sum) {
      continue;
    }
    const std::int64_t slack = (2 * k - 3) * sum - lag;  // over item.places: how many picks it can still wait
    if (best == nullptr || slack * best->places < best_slack * item.places) {
      best = &item;
      best_slack = slack;
    }
  }
  assert(best != nullptr);
  return *best;
}

}  // namespace

std::vector<std::uint32_t> schedule_places(std::span<const std::uint32_t> weights) {
  std::uint64_t divisor = 0;
  std::uint64_t sum = 0;
  for (const std::uint32_t weight : weights) {
    divisor = std::gcd(divisor, std::uint64_t{weight});
    sum += weight;
  }
  if (sum != 0 && sum / divisor > kMaxSchedulePlaces) {
    return scaled_places(weights, sum);
  }
  std::vector<std::uint32_t> places(weights.begin(), weights.end());
  for (std::uint32_t& count : places) {
    count = sum == 0 ? 0 : static_cast<std::uint32_t>(count / divisor);
  }
  return places;
}

std::vector<std::uint16_t> weighted_schedule(std::span<const std::uint32_t> weights) {
  const std::vector<std::uint32_t> places = schedule_places(weights);
  std::vector<Item> items;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i] > 0) {
      items.push_back({static_cast<std::uint16_t>(i), places[i]});
      sum += places[i];
    }
  }
  if (items.size() == 1) {
    return {items.front().ordinal};
  }
  std::vector<std::uint16_t> schedule;
  schedule.reserve(static_cast<std::size_t>(sum));
  for (std::int64_t n = 1; n <= sum; ++n) {
    Item& item = next_item(items, n, sum);
    ++item.picked;
    schedule.push_back(item.ordinal);
  }
  return schedule;
}

}  // namespace tributary
