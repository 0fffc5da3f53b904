#include <algorithm>

#include "core/state/overlay.h"
#include "core/state/overlay_rules.h"
#include "schema/overlay_generated.h"

namespace tributary {
namespace {

template <typename T>
std::vector<T> sorted(std::vector<T> rows) {
  std::sort(rows.begin(), rows.end(), [](const T& a, const T& b) { return overlay_key(a) < overlay_key(b); });
  return rows;
}

Overlay sorted(Overlay overlay) {
  overlay.destinations = sorted(std::move(overlay.destinations));
  if (overlay.cap_totals) {
    overlay.cap_totals->totals = sorted(std::move(overlay.cap_totals->totals));
    overlay.cap_totals->values = sorted(std::move(overlay.cap_totals->values));
    overlay.cap_totals->progress = sorted(std::move(overlay.cap_totals->progress));
  }
  return overlay;
}

flatbuffers::Offset<fbs::CapTotals> write(flatbuffers::FlatBufferBuilder& out, const CapTotals& totals) {
  std::vector<fbs::CapTotal> counted;
  for (const CapTotal& total : totals.totals) {
    counted.emplace_back(total.slot, total.window, total.count);
  }
  std::vector<fbs::JournalProgress> progress;
  for (const JournalProgress& reached : totals.progress) {
    const auto [high, low] = overlay_key(reached);
    progress.emplace_back(high, low, reached.position);
  }
  std::vector<fbs::CapValueTotal> values;
  for (const CapValueTotal& total : totals.values) {
    values.emplace_back(total.hash, total.slot, total.window, total.count);
  }
  return fbs::CreateCapTotals(out, totals.life, out.CreateVectorOfStructs(counted), out.CreateVectorOfStructs(progress),
                              out.CreateVectorOfStructs(values));
}

}  // namespace

Result<std::vector<std::uint8_t>, std::string> build_overlay(const Overlay& input) {
  const Overlay overlay = sorted(input);
  if (std::string problem = overlay_problem(overlay); !problem.empty()) {
    return problem;
  }
  flatbuffers::FlatBufferBuilder out;
  std::vector<fbs::DestinationFacts> destinations;
  std::vector<fbs::ClosureEnds> ends;
  for (const DestinationFacts& facts : overlay.destinations) {
    destinations.emplace_back(facts.id, facts.flags, facts.roi_micros, facts.sample);
    if (facts.ends != ClosureEnds{}) {
      ends.emplace_back(facts.id, facts.ends.conversions, facts.ends.payout, facts.ends.revenue);
    }
  }
  const auto written = out.CreateVectorOfStructs(destinations);
  const auto written_ends = out.CreateVectorOfStructs(ends);
  const auto totals = overlay.cap_totals ? write(out, *overlay.cap_totals) : flatbuffers::Offset<fbs::CapTotals>();
  fbs::FinishOverlayBuffer(out, fbs::CreateOverlay(out, kOverlayFormat, overlay.version.epoch, overlay.version.counter,
                                                   overlay.created_ms, written, totals, written_ends));
  if (out.GetSize() > kMaxOverlayBytes) {
    return "the overlay has " + std::to_string(out.GetSize()) + " bytes, more than " + std::to_string(kMaxOverlayBytes);
  }
  return std::vector<std::uint8_t>(out.GetBufferPointer(), out.GetBufferPointer() + out.GetSize());
}

}  // namespace tributary
