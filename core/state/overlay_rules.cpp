#include "core/state/overlay_rules.h"

#include <algorithm>

#include "core/state/table_sizes.h"

namespace tributary {
namespace {

// Strictly growing keys: sorted, and none twice.
template <typename T>
bool each_once(const std::vector<T>& rows) {
  return std::adjacent_find(rows.begin(), rows.end(),
                            [](const T& a, const T& b) { return overlay_key(a) >= overlay_key(b); }) == rows.end();
}

bool ends_fit(const DestinationFacts& facts) {
  const auto fits = [&](std::uint32_t flag, std::uint32_t end) {
    return end == 0 || ((facts.flags & flag) != 0 && end <= kMaxClosureEnd);
  };
  return fits(kClosedConversions, facts.ends.conversions) && fits(kClosedPayout, facts.ends.payout) &&
         fits(kClosedRevenue, facts.ends.revenue);
}

std::string totals_problem(const CapTotals& totals) {
  if (totals.life == 0) {
    return "the cap totals name no state file";
  }
  if (!each_once(totals.totals) || !each_once(totals.progress) || !each_once(totals.values)) {
    return "a cap slot, a value or a journal stands twice or out of order";
  }
  const std::uint32_t last = std::max(totals.totals.empty() ? 0 : totals.totals.back().slot,
                                      totals.values.empty() ? 0 : totals.values.back().slot);
  if (last >= kMaxCapSlots) {
    return "cap slot " + std::to_string(last) + " is beyond the largest table";
  }
  return totals.progress.size() > kMaxJournalProgress ? "there is progress of too many journals" : std::string();
}

}  // namespace

std::pair<std::uint64_t, std::uint64_t> overlay_key(const JournalProgress& row) noexcept {
  const auto half = [&](std::size_t from) {
    std::uint64_t value = 0;
    for (std::size_t i = from; i < from + 8; ++i) {
      value = value << 8 | row.journal[i];
    }
    return value;
  };
  return {half(0), half(8)};
}

JournalId journal_id(std::uint64_t high, std::uint64_t low) noexcept {
  JournalId id{};
  for (std::size_t i = 0; i < 8; ++i) {
    id[i] = static_cast<std::uint8_t>(high >> (56 - 8 * i));
    id[i + 8] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
  }
  return id;
}

std::string overlay_problem(const Overlay& overlay) {
  if (overlay.version.counter == 0 || overlay.version.counter > kMaxGenerationCounter) {
    return "the version is not from 1 to 2^48 - 1";
  }
  if (overlay.destinations.size() > kMaxOverlayDestinations) {
    return "there are " + std::to_string(overlay.destinations.size()) + " destinations, more than " +
           std::to_string(kMaxOverlayDestinations);
  }
  if (!each_once(overlay.destinations)) {
    return "a destination stands twice or out of order";
  }
  for (const DestinationFacts& facts : overlay.destinations) {
    if (facts.id == 0 || (facts.flags & ~kDestinationFlags) != 0) {
      return "destination " + std::to_string(facts.id) + " has no id or a flag that is not known";
    }
    if (!ends_fit(facts)) {
      return "destination " + std::to_string(facts.id) + " has an end of what is not closed, or one that is too late";
    }
  }
  return overlay.cap_totals ? totals_problem(*overlay.cap_totals) : std::string();
}

}  // namespace tributary
