#include <algorithm>

#include "core/state/overlay.h"
#include "core/state/overlay_rules.h"
#include "schema/overlay_generated.h"

namespace tributary {
namespace {

// The library checks where a vector of structs begins, not that its elements are aligned.
template <typename T>
bool aligned(const flatbuffers::Vector<const T*>* rows) noexcept {
  return rows == nullptr || rows->size() == 0 || reinterpret_cast<std::uintptr_t>(rows->Data()) % alignof(T) == 0;
}

bool aligned(const fbs::Overlay& wire) noexcept {
  const fbs::CapTotals* totals = wire.cap_totals();
  return aligned(wire.destinations()) && aligned(wire.ends()) &&
         (totals == nullptr || (aligned(totals->totals()) && aligned(totals->progress()) && aligned(totals->values())));
}

CapTotals read(const fbs::CapTotals& wire) {
  CapTotals totals;
  totals.life = wire.life();
  if (wire.totals() != nullptr) {
    for (const fbs::CapTotal* row : *wire.totals()) {
      totals.totals.push_back({row->slot(), row->window(), row->count()});
    }
  }
  if (wire.progress() != nullptr) {
    for (const fbs::JournalProgress* row : *wire.progress()) {
      totals.progress.push_back({journal_id(row->high(), row->low()), row->position()});
    }
  }
  for (std::uint32_t i = 0; wire.values() != nullptr && i < wire.values()->size(); ++i) {
    const fbs::CapValueTotal* row = wire.values()->Get(i);
    totals.values.push_back({row->hash(), row->slot(), row->window(), row->count()});
  }
  return totals;
}

// Both by id. False when an end stands twice, out of order, or beside no destination.
bool read_ends(const fbs::Overlay& wire, std::vector<DestinationFacts>& destinations) {
  if (wire.ends() == nullptr) {
    return true;
  }
  auto facts = destinations.begin();
  for (const fbs::ClosureEnds* row : *wire.ends()) {
    facts = std::find_if(facts, destinations.end(), [&](const DestinationFacts& one) { return one.id == row->id(); });
    if (facts == destinations.end()) {
      return false;
    }
    facts->ends = {row->conversions(), row->payout(), row->revenue()};
    ++facts;
  }
  return true;
}

Overlay read(const fbs::Overlay& wire) {
  Overlay overlay;
  overlay.version = {static_cast<std::uint16_t>(wire.epoch()), wire.version()};
  overlay.created_ms = wire.created_ms();
  if (wire.destinations() != nullptr) {
    for (const fbs::DestinationFacts* row : *wire.destinations()) {
      overlay.destinations.push_back({row->id(), row->flags(), row->roi_micros(), row->sample()});
    }
  }
  if (wire.cap_totals() != nullptr) {
    overlay.cap_totals = read(*wire.cap_totals());
  }
  return overlay;
}

}  // namespace

Result<Overlay, std::string> read_overlay(std::span<const std::uint8_t> bytes) {
  if (bytes.size() > kMaxOverlayBytes) {
    return "the overlay has more than " + std::to_string(kMaxOverlayBytes) + " bytes";
  }
  std::vector<std::uint64_t> words((bytes.size() + 7) / 8);
  auto* copy = reinterpret_cast<std::uint8_t*>(words.data());
  std::copy(bytes.begin(), bytes.end(), copy);
  flatbuffers::Verifier verifier(copy, bytes.size());
  if (!fbs::VerifyOverlayBuffer(verifier) || !aligned(*fbs::GetOverlay(copy))) {
    return std::string("the bytes are not an overlay, or they are cut off or damaged");
  }
  const fbs::Overlay& wire = *fbs::GetOverlay(copy);
  if (wire.format() < kMinOverlayFormat || wire.format() > kMaxOverlayFormat || wire.epoch() > UINT16_MAX) {
    return "format " + std::to_string(wire.format()) + " or epoch " + std::to_string(wire.epoch()) +
           " is not one that this build reads";
  }
  Overlay overlay = read(wire);
  if (!read_ends(wire, overlay.destinations)) {
    return std::string("an end stands twice, out of order, or beside no destination");
  }
  if (std::string problem = overlay_problem(overlay); !problem.empty()) {
    return problem;
  }
  return overlay;
}

}  // namespace tributary
