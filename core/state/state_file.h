#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "core/base/mapped_file.h"
#include "core/base/result.h"

// The file behind SharedState: a header with a directory of tables, then the tables.
//
// Every table lies at a fixed place with room for its largest size; the file is sparse, and only the records in use are
// allocated. So a table grows where it is: every process, of any master, old or new, sees the same words at the same
// place, nothing is copied, and nothing is ever counted in two places. `records` is how many are in use; it only grows.
// A later build adds tables behind the last one; a build that does not know them leaves them alone. A table whose
// record changes becomes a new kind.
namespace tributary {

enum class StateTable : std::uint32_t {
  counters = 1,
  rotation = 2,
  transactions = 3,
  caps = 4,
  uniques = 5,
  last_seen = 6,
  overlay_even = 7,
  overlay_odd = 8,
  recent_clicks = 9,
  cap_values = 10,
};

struct StateTableEntry {
  std::uint32_t kind;
  std::uint32_t record_bytes;
  std::uint64_t offset;
  std::uint64_t capacity;  // records there is room for
  std::uint64_t records;   // records in use
};
static_assert(sizeof(StateTableEntry) == 32);

inline constexpr std::uint32_t kStateLayout = 1;
inline constexpr std::size_t kStateHeaderBytes = 4096;
inline constexpr std::size_t kMaxStateTables = 32;

struct StateFileHeader {
  std::uint64_t magic;
  std::uint32_t layout;
  std::uint32_t tables;
  StateTableEntry directory[kMaxStateTables];
  // Words that every request reads or many workers write have a line of their own.
  alignas(64) std::uint64_t published;
  alignas(64) std::uint64_t forgotten_transactions;
  // Read by every click, written rarely: one line. A file of an older build has zeros here.
  alignas(64) std::uint64_t caps_life;    // names this file in the request for totals
  std::uint64_t caps_known;               // equals caps_life once totals have arrived
  std::uint64_t uniques_growing_from;     // see StateTableRequest::growing
  std::uint64_t last_seen_growing_from;   //
  std::uint64_t overlay_active;           // number of the overlay in force; its lowest bit names the table
  std::uint64_t cap_values_growing_from;  // as the others
  std::uint64_t cap_values_forgotten;     // unit of time up to which values of windows that are over may be forgotten
};
static_assert(sizeof(StateFileHeader) <= kStateHeaderBytes);

inline std::atomic_ref<std::uint64_t> shared_word(std::uint64_t& word) noexcept {
  return std::atomic_ref<std::uint64_t>(word);
}
static_assert(std::atomic_ref<std::uint64_t>::is_always_lock_free);

struct StateError {
  int system_error = 0;
  std::string message;
};

// What a build wants of one table.
struct StateTableRequest {
  StateTable kind;
  std::uint32_t record_bytes;
  std::uint64_t capacity;
  std::uint64_t records;
  const char* setting;  // the directive that says so, named in messages
  // For a table in which the place of a record depends on the size: moves the records after a growth. Called under the
  // lock, once before and once after the new size is in force, because others go on using the table. May be null.
  void (*spread)(std::span<char> table, std::uint64_t old_records, std::uint64_t new_records) = nullptr;
  // The header word that holds the old size while a growth goes on, for those who must find every record meanwhile;
  // otherwise 0. A growth whose process died is completed by the next opener. May be null.
  std::uint64_t StateFileHeader::*growing = nullptr;
};

// The mapped file. Opening makes the file, adds the tables that are missing and grows those that are too small, under a
// lock that other openers wait for and that no reader or writer of the tables ever takes.
class StateFile {
 public:
  static Result<StateFile, StateError> open(const std::string& path, std::span<const StateTableRequest> requests);

  StateFile() noexcept = default;
  StateFileHeader& header() const noexcept { return *reinterpret_cast<StateFileHeader*>(mapping_.data()); }
  // The directory entry and memory of a table that was requested.
  StateTableEntry& entry(StateTable kind) const noexcept;
  char* table(StateTable kind) const noexcept;

 private:
  MappedFile mapping_;
};

}  // namespace tributary
