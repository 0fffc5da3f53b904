#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "core/routing/routing_state.h"

// For tests and fuzzers: state of one process, plain and exact.
namespace tributary::testing {

class FixedRoutingState final : public RoutingState {
 public:
  std::uint64_t next_rotation(std::uint32_t slot) noexcept override {
    ++turns;
    return rotation + rotations[slot]++;
  }
  CapTake would_take(std::uint32_t slot, std::uint32_t window, std::uint32_t limit) noexcept override {
    return counts[{slot, window}] < limit ? CapTake::taken : CapTake::full;
  }
  CapTake take(std::uint32_t slot, std::uint32_t window, std::uint32_t limit) noexcept override {
    const CapTake answer = would_take(slot, window, limit);
    counts[{slot, window}] += answer == CapTake::taken;
    return answer;
  }
  void give_back(std::uint32_t slot, std::uint32_t window) noexcept override { --counts[{slot, window}]; }
  void count_up(std::uint32_t slot, std::uint32_t window) noexcept override { ++counts[{slot, window}]; }
  CapTake would_take_value(const CapUse& use, std::uint64_t) noexcept override {
    return values[use.value.key] < use.limit ? CapTake::taken : CapTake::full;
  }
  CapTake take_value(const CapUse& use, std::uint64_t now_ms) noexcept override {
    const CapTake answer = would_take_value(use, now_ms);
    values[use.value.key] += answer == CapTake::taken;
    return answer;
  }
  void give_back_value(const CapUse& use) noexcept override { --values[use.value.key]; }
  bool known(VisitorMark mark, std::uint64_t now_ms, std::uint32_t window_s) noexcept override {
    const auto found = sightings.find(mark.fingerprint);
    return found != sightings.end() && (window_s == kForever || now_ms < found->second + window_s * 1000ull);
  }
  bool seen(VisitorMark mark, std::uint64_t now_ms, std::uint32_t window_s) noexcept override {
    if (known(mark, now_ms, window_s)) {
      return true;
    }
    sightings[mark.fingerprint] = now_ms;
    return false;
  }
  DestinationFacts facts(std::uint32_t destination) noexcept override {
    const auto found = overlay.find(destination);
    return found == overlay.end() ? DestinationFacts{.id = destination} : found->second;
  }

  static constexpr std::uint32_t kForever = UINT32_MAX;

  std::uint64_t rotation = 0;  // where all rotations began
  int turns = 0;               // how often one moved
  std::map<std::uint32_t, std::uint64_t> rotations;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> counts;  // by slot and window
  std::map<std::uint64_t, std::uint32_t> values;                            // by key of a value
  std::map<std::uint64_t, std::uint64_t> sightings;                         // when, by fingerprint
  std::map<std::uint32_t, DestinationFacts> overlay;
};

}  // namespace tributary::testing
