#include "core/state/overlay_table.h"

#include <algorithm>
#include <bit>

namespace tributary {
namespace {

enum HeadWord : std::size_t { kVersion = 0, kSlots = 1, kCount = 2, kEndsOf = 3 };

// Every word is loaded and stored in order, so that a reader of a word of the next push but one also sees that the
// active table has changed since it looked.
std::uint64_t load(std::uint64_t& word) noexcept {
  return shared_word(word).load(std::memory_order_acquire);
}
void store(std::uint64_t& word, std::uint64_t value) noexcept {
  shared_word(word).store(value, std::memory_order_release);
}

std::uint64_t first_slot(std::uint32_t id, std::uint64_t slots) noexcept {
  return (id * 0x9e37'79b9'7f4a'7c15ull >> 32) & (slots - 1);
}

std::uint64_t identity(const DestinationFacts& facts) noexcept {
  return static_cast<std::uint64_t>(facts.id) << 32 | facts.flags;
}

// A build that knows no ends leaves those of an earlier push in the rows: they count when the head says of which
// version they are.
ClosureEnds ends_of(OverlayRow* rows, OverlayRow& row) noexcept {
  return load(rows[0].words[kEndsOf]) == load(rows[0].words[kVersion]) ? unpack_ends(load(row.words[3]))
                                                                       : ClosureEnds{};
}

DestinationFacts read_row(OverlayRow* rows, OverlayRow& row, std::uint64_t held) noexcept {
  DestinationFacts facts{static_cast<std::uint32_t>(held >> 32), static_cast<std::uint32_t>(held),
                         static_cast<std::int64_t>(load(row.words[1])), load(row.words[2])};
  if (facts.flags != 0) {
    facts.ends = ends_of(rows, row);
  }
  return facts;
}

// Slot i is row i + 1. At most half of the slots are used, so there is an empty one.
DestinationFacts look_up(OverlayRow* rows, std::uint32_t id) noexcept {
  const std::uint64_t slots = load(rows[0].words[kSlots]);
  std::uint64_t slot = slots == 0 ? 0 : first_slot(id, slots);
  for (std::uint64_t probed = 0; probed < slots; ++probed, slot = (slot + 1) & (slots - 1)) {
    OverlayRow& row = rows[slot + 1];
    const std::uint64_t held = load(row.words[0]);
    if (held == 0) {
      break;
    }
    if (held >> 32 == id) {
      return read_row(rows, row, held);
    }
  }
  return {.id = id};
}

void insert(OverlayRow* rows, std::uint64_t slots, const DestinationFacts& facts) noexcept {
  std::uint64_t slot = first_slot(facts.id, slots);
  while (load(rows[slot + 1].words[0]) != 0) {
    slot = (slot + 1) & (slots - 1);
  }
  OverlayRow& row = rows[slot + 1];
  store(row.words[1], static_cast<std::uint64_t>(facts.roi_micros));
  store(row.words[2], facts.sample);
  store(row.words[3], pack_ends(facts.ends));
  store(row.words[0], identity(facts));
}

void fill(OverlayRow* rows, std::uint64_t version, std::span<const DestinationFacts> facts) noexcept {
  const std::uint64_t slots = std::bit_ceil(std::max<std::uint64_t>(facts.size() * 2, 1));
  store(rows[0].words[kVersion], version);
  store(rows[0].words[kSlots], slots);
  store(rows[0].words[kCount], facts.size());
  store(rows[0].words[kEndsOf], version);
  for (std::uint64_t slot = 0; slot < slots; ++slot) {
    store(rows[slot + 1].words[0], 0);
  }
  for (const DestinationFacts& one : facts) {
    insert(rows, slots, one);
  }
}

void list_closed(OverlayRow* rows, std::uint64_t now_ms, std::size_t limit, std::vector<DestinationFacts>& found) {
  const std::uint64_t slots = load(rows[0].words[kSlots]);
  for (std::uint64_t slot = 0; slot < slots && found.size() < limit; ++slot) {
    OverlayRow& row = rows[slot + 1];
    const std::uint64_t held = load(row.words[0]);
    if (static_cast<std::uint32_t>(held) == 0) {
      continue;
    }
    if (const DestinationFacts facts = read_row(rows, row, held).at(now_ms); !facts.takes_visitors()) {
      found.push_back(facts);
    }
  }
}

}  // namespace

DestinationFacts OverlayTable::find(std::uint32_t destination) const noexcept {
  std::uint64_t active = load(*active_);
  for (;;) {
    const DestinationFacts facts =
        active == 0 ? DestinationFacts{.id = destination} : look_up(half(active).rows, destination);
    const std::uint64_t now = load(*active_);
    if (now == active) {
      return facts;
    }
    active = now;
  }
}

std::uint64_t OverlayTable::head_word(std::size_t word) const noexcept {
  std::uint64_t active = load(*active_);
  for (;;) {
    const std::uint64_t value = active == 0 ? 0 : load(half(active).rows[0].words[word]);
    const std::uint64_t now = load(*active_);
    if (now == active) {
      return value;
    }
    active = now;
  }
}

Generation OverlayTable::version() const noexcept {
  return unpack_generation(head_word(kVersion));
}

std::uint64_t OverlayTable::destinations() const noexcept {
  return head_word(kCount);
}

std::vector<DestinationFacts> OverlayTable::closed(std::uint64_t now_ms, std::size_t limit) const {
  std::uint64_t active = load(*active_);
  for (;;) {
    std::vector<DestinationFacts> found;
    if (active != 0) {
      list_closed(half(active).rows, now_ms, limit, found);
    }
    const std::uint64_t now = load(*active_);
    if (now == active) {
      return found;
    }
    active = now;
  }
}

std::uint64_t OverlayTable::room() const noexcept {
  const std::uint64_t records = std::min(load(halves_[0].entry->records), load(halves_[1].entry->records));
  return records == 0 ? 0 : (records - 1) / 2;
}

OverlayApplied OverlayTable::apply(Generation version, std::span<const DestinationFacts> rows) noexcept {
  const std::uint64_t packed = pack_generation(version);
  const std::uint64_t current = head_word(kVersion);
  if (packed <= current) {
    return packed == current ? OverlayApplied::already_current : OverlayApplied::older;
  }
  if (rows.size() > room()) {
    return OverlayApplied::too_large;
  }
  const std::uint64_t next = load(*active_) + 1;
  fill(half(next).rows, packed, rows);
  store(*active_, next);
  return OverlayApplied::applied;
}

}  // namespace tributary
