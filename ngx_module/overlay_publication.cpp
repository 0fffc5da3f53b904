#include "ngx_module/overlay_publication.h"

#include <unistd.h>

#include "core/state/shared_state.h"

namespace tributary {
namespace {

using Outcome = SnapshotStore::Outcome;

Outcome outcome_of(OverlayApplied applied) noexcept {
  switch (applied) {
    case OverlayApplied::applied: return Outcome::published;
    case OverlayApplied::already_current: return Outcome::already_current;
    case OverlayApplied::older: return Outcome::older;
    case OverlayApplied::busy: return Outcome::busy;
    case OverlayApplied::too_large: return Outcome::refused;
    case OverlayApplied::io_error: break;
  }
  return Outcome::io_error;
}

// Empty when the file cannot be read.
std::vector<std::uint8_t> read_body(const PushJob& job) {
  std::vector<std::uint8_t> bytes(job.length);
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = pread(job.file.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (n <= 0) return {};
    done += static_cast<std::size_t>(n);
  }
  return bytes;
}

}  // namespace

SnapshotStore::PublishResult publish_overlay(const PushJob& job, SharedState& state, CapRestore& caps) {
  const auto result = [&](Outcome outcome, std::string why) {
    return SnapshotStore::PublishResult{outcome, state.overlay().version(), std::move(why)};
  };
  const auto overlay = read_overlay(read_body(job));
  if (!overlay) return result(Outcome::refused, overlay.error());
  if (overlay->version != job.generation) {
    return result(Outcome::refused, "the overlay has another version than the header");
  }
  const OverlayApplied applied = state.apply_overlay(*overlay);
  if (applied == OverlayApplied::too_large) {
    return result(Outcome::refused, std::to_string(overlay->destinations.size()) + " destinations in the overlay, " +
                                        std::to_string(state.overlay().room()) +
                                        " fit: write \"tributary_overlay slots=" +
                                        std::to_string(overlay->destinations.size()) + "\" or more and reload");
  }
  if (applied == OverlayApplied::io_error) return result(Outcome::io_error, "overlay.lock cannot be opened");
  return result(outcome_of(applied), overlay->cap_totals ? caps.restore(*overlay->cap_totals, state) : std::string());
}

}  // namespace tributary
