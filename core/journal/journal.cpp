#include "core/journal/journal.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>

#include "core/base/clock.h"
#include "core/journal/appender.h"
#include "core/journal/journal_threads.h"
#include "core/journal/names.h"

namespace tributary {
namespace {

constexpr std::size_t kMinSegmentBytes = 2 * kSegmentHeaderSize;

}  // namespace

struct Journal::Impl {
  Impl(Ring made, const JournalOptions& options, Fd event)
      : identity(made.identity()),
        threads(std::move(made), {options.journal_path, options.segment_bytes, true},
                options.disk != nullptr ? *options.disk : posix_disk(), options.sync_interval_ms, std::move(event)),
        header(threads.ring().header()),
        appender(threads.ring(), options.segment_bytes - kSegmentHeaderSize) {}

  const JournalIdentity identity;
  JournalThreads threads;
  RingHeader& header;
  Appender appender;
  std::atomic<std::uint64_t> refused{0};  // stored by the worker only
  bool closed = false;
};

Result<std::unique_ptr<Journal>, JournalError> Journal::open(const JournalOptions& options) {
  if (options.segment_bytes < kMinSegmentBytes || options.segment_bytes % kRecordAlignment != 0) {
    return JournalError{JournalError::Code::invalid, EINVAL,
                        "segment of " + std::to_string(options.segment_bytes) +
                            " bytes: use a multiple of 16 of at least " + std::to_string(kMinSegmentBytes)};
  }
  JournalIdentity identity{random_journal_id(), options.edge, options.slot, options.partition, wall_clock_ms()};
  auto ring = Ring::create(options.run_path, identity, options.ring_bytes);
  if (!ring) return ring.error();
  Fd event(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  int error = event.valid() ? 0 : errno;
  if (error == 0) {
    try {
      auto impl = std::make_unique<Impl>(std::move(*ring), options, std::move(event));
      return std::unique_ptr<Journal>(new Journal(std::move(impl)));
    } catch (const std::system_error& failure) {
      error = failure.code().value();
    }
  }
  ::unlink(join_path(options.run_path, ring_name(identity.id)).c_str());
  return journal_error(error, "cannot start the threads of the journal in", options.journal_path);
}

Journal::Journal(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}

Journal::~Journal() {
  close(0);
}

std::span<char> Journal::reserve(std::size_t max_payload) noexcept {
  std::span<char> room = impl_->appender.reserve(max_payload);
  if (room.data() == nullptr) {
    impl_->refused.store(impl_->refused.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  return room;
}

Position Journal::commit(std::size_t length) noexcept {
  return impl_->appender.commit(length);
}

std::size_t Journal::max_payload() const noexcept {
  return impl_->appender.max_payload();
}

Position Journal::durable() const noexcept {
  return impl_->header.durable.load(std::memory_order_acquire);
}

void Journal::request_sync(Position position) noexcept {
  impl_->threads.request_sync(position);
}

int Journal::durable_fd() const noexcept {
  return impl_->threads.durable_event();
}

const JournalId& Journal::id() const noexcept {
  return impl_->identity.id;
}

JournalStatus Journal::status() const noexcept {
  SegmentLogStatus log = impl_->threads.status();
  JournalStatus status;
  status.durable = impl_->header.durable.load(std::memory_order_acquire);
  status.written = impl_->header.written.load(std::memory_order_acquire);
  status.committed = impl_->header.committed.load(std::memory_order_acquire);
  status.refused = impl_->refused.load(std::memory_order_relaxed);
  status.sync_failures = log.sync_failures;
  status.segments = log.segments;
  status.retired_suspect = log.retired_suspect;
  status.last_error = log.last_error;
  return status;
}

void Journal::close(std::uint32_t timeout_ms) noexcept {
  if (std::exchange(impl_->closed, true)) return;
  // An empty ring is of no use to anybody; otherwise its next owner flushes it.
  if (impl_->threads.stop(timeout_ms)) impl_->threads.ring().unlink();
}

}  // namespace tributary
