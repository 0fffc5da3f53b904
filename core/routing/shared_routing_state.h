#pragma once

#include "core/routing/routing_state.h"
#include "core/state/shared_state.h"

namespace tributary {

// The state of this host, for one click: what refuses or forgets is counted for the worker slot.
class SharedRoutingState final : public RoutingState {
 public:
  SharedRoutingState(SharedState& state, std::uint32_t worker_slot) noexcept
      : state_(state), worker_slot_(worker_slot) {}

  std::uint64_t next_rotation(std::uint32_t rotation_slot) noexcept override;
  CapTake would_take(std::uint32_t slot, std::uint32_t window, std::uint32_t limit) noexcept override;
  CapTake take(std::uint32_t slot, std::uint32_t window, std::uint32_t limit) noexcept override;
  void give_back(std::uint32_t slot, std::uint32_t window) noexcept override;
  void count_up(std::uint32_t slot, std::uint32_t window) noexcept override;
  CapTake would_take_value(const CapUse& use, std::uint64_t now_ms) noexcept override;
  CapTake take_value(const CapUse& use, std::uint64_t now_ms) noexcept override;
  void give_back_value(const CapUse& use) noexcept override;
  bool known(VisitorMark mark, std::uint64_t now_ms, std::uint32_t window_s) noexcept override;
  bool seen(VisitorMark mark, std::uint64_t now_ms, std::uint32_t window_s) noexcept override;
  DestinationFacts facts(std::uint32_t destination) noexcept override;

 private:
  CapTake counted(CapTake answer) noexcept;
  SeenTable& table(SeenScope scope) noexcept;

  SharedState& state_;
  std::uint32_t worker_slot_;
};

}  // namespace tributary
