#pragma once

#include <optional>

#include "core/routing/routing_state.h"

namespace tributary::admin {

// What is known of the state that a click met. Never written to by explain.
class ExplainState : public RoutingState {
 public:
  virtual ~ExplainState() = default;

  // Clicks that count against a cap in this window; nothing: not known here.
  virtual std::optional<std::uint32_t> count(std::uint32_t slot, std::uint32_t window) = 0;

  std::uint64_t next_rotation(std::uint32_t) noexcept override { return 0; }  // explain() hands in the turn
  CapTake take(std::uint32_t slot, std::uint32_t window, std::uint32_t limit) noexcept override {
    return would_take(slot, window, limit);
  }
  void give_back(std::uint32_t, std::uint32_t) noexcept override {}
  // Whoever counts clicks knows by the slot that only those with the value of this click count.
  CapTake would_take_value(const CapUse& use, std::uint64_t) noexcept override {
    return would_take(use.slot, use.window, use.limit);
  }
  CapTake take_value(const CapUse& use, std::uint64_t) noexcept override {
    return would_take(use.slot, use.window, use.limit);
  }
  void give_back_value(const CapUse&) noexcept override {}
  void count_up(std::uint32_t, std::uint32_t) noexcept override {}
};

// Without a database: nobody was here before, caps have room, everything is healthy.
class UnknownState final : public ExplainState {
 public:
  std::optional<std::uint32_t> count(std::uint32_t, std::uint32_t) override { return std::nullopt; }
  CapTake would_take(std::uint32_t, std::uint32_t, std::uint32_t limit) noexcept override {
    return limit == 0 ? CapTake::full : CapTake::taken;
  }
  bool known(VisitorMark, std::uint64_t, std::uint32_t) noexcept override { return false; }
  bool seen(VisitorMark, std::uint64_t, std::uint32_t) noexcept override { return false; }
  DestinationFacts facts(std::uint32_t destination) noexcept override { return {.id = destination}; }
};

}  // namespace tributary::admin
