#include "core/routing/lander_selector.h"

#include <algorithm>
#include <cmath>

#include "core/routing/rendezvous.h"

namespace tributary {
namespace {

constexpr std::uint64_t kSalt = 0x6c616e646572;  // lander 7 and destination 7 are drawn apart

std::uint64_t weight_of(const fbs::StreamLander& item) noexcept {
  return item.lander()->state() == fbs::State::Active ? item.weight() : 0;
}

const fbs::Lander* drawn(const Landers& landers, RandomSource& random) noexcept {
  std::uint64_t sum = 0;
  for (const fbs::StreamLander* item : landers) {
    sum += weight_of(*item);
  }
  std::uint64_t ticket = sum == 0 ? 0 : draw_below(sum, random);
  for (const fbs::StreamLander* item : landers) {
    const std::uint64_t weight = weight_of(*item);
    if (ticket < weight) {
      return item->lander();
    }
    ticket -= weight;
  }
  return nullptr;
}

const fbs::Lander* sticky(const Landers& landers, std::uint64_t key) noexcept {
  const fbs::Lander* chosen = nullptr;
  double earliest = HUGE_VAL;
  for (const fbs::StreamLander* item : landers) {
    const double time = rendezvous_time(key ^ kSalt, item->lander()->id(), weight_of(*item));
    if (time < earliest) {
      chosen = item->lander();
      earliest = time;
    }
  }
  return chosen;
}

}  // namespace

bool has_lander(const Landers& landers) noexcept {
  return std::any_of(landers.begin(), landers.end(), [](const auto* item) { return weight_of(*item) != 0; });
}

const fbs::Lander* select_lander(const fbs::Stream& stream, Turns turns, RoutingContext& context) noexcept {
  const Landers* landers = stream.landers();
  if (landers == nullptr || landers->size() == 0) {
    return nullptr;
  }
  if (stream.selector() == fbs::Selector::Sticky) {
    return sticky(*landers, context.visitor.key());
  }
  const auto* schedule = stream.lander_schedule();
  if (turns == Turns::drawn || schedule == nullptr || schedule->size() == 0) {
    return drawn(*landers, context.random);
  }
  const std::uint64_t turn = context.state.next_rotation(stream.lander_rotation_slot());
  const fbs::StreamLander& item = *landers->Get(schedule->Get(static_cast<std::uint32_t>(turn % schedule->size())));
  return weight_of(item) != 0 ? item.lander() : drawn(*landers, context.random);
}

}  // namespace tributary
