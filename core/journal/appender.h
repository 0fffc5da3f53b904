#pragma once

#include <algorithm>
#include <span>

#include "core/base/prefetch.h"
#include "core/journal/record.h"
#include "core/journal/ring.h"

namespace tributary {

// The worker's end of a ring: one thread, no lock, no system call.
class Appender {
 public:
  // No record is larger than a quarter of the ring, so that one never waits for all others to be durable.
  Appender(Ring& ring, std::size_t segment_capacity) noexcept
      : ring_(ring),
        codec_(ring.identity().id),
        max_record_(std::min({kMaxRecordSize, ring.capacity() / 4, segment_capacity})) {}

  std::size_t max_payload() const noexcept { return max_record_ - sizeof(RecordHeader); }

  // See Journal::reserve and Journal::commit.
  std::span<char> reserve(std::size_t max_payload) noexcept {
    reserved_ = 0;
    if (max_payload > this->max_payload() || !has_room(record_size(max_payload))) return {};
    reserved_ = max_payload;
    return {ring_.at(committed_) + sizeof(RecordHeader), max_payload};
  }

  Position commit(std::size_t length) noexcept {
    length = std::min(length, reserved_);
    codec_.seal(ring_.at(committed_), length, committed_);
    committed_ += record_size(length);
    reserved_ = 0;
    ring_.header().committed.store(committed_, std::memory_order_release);
    prefetch_next();
    return committed_;
  }

 private:
  // The ring is larger than the caches near the processor, so the next record would wait for its lines one by one.
  void prefetch_next() const noexcept {
    constexpr std::size_t kLine = 64;
    constexpr std::size_t kLines = 8;  // an ordinary click
    for (std::size_t i = 0; i < kLines; ++i) prefetch_to_write(ring_.at(committed_) + i * kLine);
  }

  bool has_room(std::size_t size) noexcept {
    if (committed_ + size - reclaimed_ <= ring_.capacity()) return true;
    reclaimed_ = ring_.header().durable.load(std::memory_order_acquire);
    return committed_ + size - reclaimed_ <= ring_.capacity();
  }

  Ring& ring_;
  const RecordCodec codec_;
  const std::size_t max_record_;
  Position committed_ = 0;  // the worker's own copy
  Position reclaimed_ = 0;  // a recent value of durable: everything before may be overwritten
  std::size_t reserved_ = 0;
};

}  // namespace tributary
