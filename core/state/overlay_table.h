#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/state/overlay.h"
#include "core/state/state_file.h"

namespace tributary {

// One row of an overlay table: id and flags, ROI, sample, ends of closures. Row 0 is its head: version, number of
// slots, number of destinations, version again when the rows have ends.
struct OverlayRow {
  std::uint64_t words[4];
};
static_assert(sizeof(OverlayRow) == 32);

enum class OverlayApplied : std::uint8_t {
  applied,
  already_current,
  older,
  too_large,  // more destinations than the table holds: the one before stays in force
  busy,       // another process is applying one
  io_error,
};

// Facts about destinations, looked up by id. There are two tables: the one in force, and one that a push fills
// completely before a single word puts it in force. So readers see one push or the next, whatever dies in between.
//
// Thread-safety: find() and version() may be called from any thread of any process, lock-free; apply() by one at a
// time.
class OverlayTable {
 public:
  struct Half {
    OverlayRow* rows;
    StateTableEntry* entry;
  };
  OverlayTable(Half even, Half odd, std::uint64_t& active) noexcept : halves_{even, odd}, active_(&active) {}

  // What is known of a destination; of an unknown one that it is healthy, with no sample.
  DestinationFacts find(std::uint32_t destination) const noexcept;

  // Of the overlay in force; counter 0 when there is none yet.
  Generation version() const noexcept;
  std::uint64_t destinations() const noexcept;  // known by it

  // Destinations that take no visitors at that time, at most `limit`, in no order. For people: it looks at every slot.
  std::vector<DestinationFacts> closed(std::uint64_t now_ms, std::size_t limit) const;

  // Replaces all facts. `rows` each once. Never busy or io_error.
  OverlayApplied apply(Generation version, std::span<const DestinationFacts> rows) noexcept;

  // How many destinations fit.
  std::uint64_t room() const noexcept;

 private:
  const Half& half(std::uint64_t active) const noexcept { return halves_[active & 1]; }
  std::uint64_t head_word(std::size_t word) const noexcept;

  Half halves_[2];
  std::uint64_t* active_;
};

}  // namespace tributary
