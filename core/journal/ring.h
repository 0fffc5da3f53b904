#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "core/base/fd.h"
#include "core/base/mapped_file.h"
#include "core/base/result.h"
#include "core/journal/format.h"
#include "core/journal/journal_error.h"

namespace tributary {

// The first page of a ring file. The constant part has a CRC; each moving word has a cache line of its own.
// Always durable <= written <= committed <= durable + ring_bytes: bytes stay in the ring until they are durable.
struct RingHeader {  // NOLINT(clang-analyzer-optin.performance.Padding)
  std::uint64_t magic;
  std::uint32_t byte_order;
  std::uint32_t version;
  JournalIdentity identity;
  std::uint64_t ring_bytes;
  std::uint32_t constant_crc;

  alignas(64) std::atomic<Position> committed;  // by the worker, release
  alignas(64) std::atomic<Position> written;    // by its writer; steps back when a segment becomes suspect
  alignas(64) std::atomic<Position> durable;    // by its sync thread
};
static_assert(sizeof(RingHeader) <= kRingHeaderSize);
static_assert(std::atomic<Position>::is_always_lock_free);

// The ring file of one journal: `<uuid>.ring` on tmpfs. The life that writes holds its flock, which the kernel releases
// however it ends; who gets the lock of an existing ring therefore knows that its writer is gone.
class Ring {
 public:
  // A new ring, allocated, touched, locked and mapped. `bytes` is rounded up to a power of two of at least a page.
  static Result<Ring, JournalError> create(const std::string& run_path, const JournalIdentity& identity,
                                           std::size_t bytes);
  // The ring of another life, its header only. Code `invalid` when it is not a sound ring of this format.
  static Result<Ring, JournalError> open(const std::string& path);

  Ring(Ring&&) noexcept = default;
  Ring& operator=(Ring&&) noexcept = default;

  // True when the writer is gone and this holder has its lock now (until it is destroyed).
  bool try_lock() noexcept;
  // Maps the records too; needs the lock.
  int map_records() noexcept;

  RingHeader& header() const noexcept { return *static_cast<RingHeader*>(static_cast<void*>(map_.data())); }
  const JournalIdentity& identity() const noexcept { return header().identity; }
  std::size_t capacity() const noexcept { return capacity_; }

  // The byte of `position`; up to capacity() bytes behind it are contiguous.
  char* at(Position position) const noexcept { return map_.data() + kRingHeaderSize + (position & (capacity_ - 1)); }

  void unlink() noexcept;

 private:
  Ring(Fd fd, MappedFile map, std::string path) noexcept;

  Fd fd_;
  MappedFile map_;
  std::string path_;
  std::size_t capacity_ = 0;
};

}  // namespace tributary
