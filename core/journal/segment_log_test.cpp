#include "core/journal/segment_log.h"

#include <signal.h>
#include <sys/resource.h>

#include <cstring>
#include <filesystem>
#include <vector>

#include "core/base/cmocka.h"
#include "core/journal/appender.h"
#include "core/journal/journal_reader.h"
#include "core/journal/test_directories.h"
#include "core/journal/unreliable_disk.h"

using namespace tributary;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kRingBytes = 16 * 1024;
constexpr std::size_t kSegmentBytes = kSegmentHeaderSize + 4096;
constexpr std::uint64_t kAfterBackoffMs = 10'000;

// A worker, its ring and its segments, stepped by hand.
struct Worker {
  explicit Worker(Disk& chosen, std::size_t segment_bytes = kSegmentBytes)
      : ring(Ring::create(directories.run(), {{1, 2, 3}, 4, 5, 6, 7}, kRingBytes).value()),
        log(ring, {directories.journal(), segment_bytes, true}, chosen),
        appender(ring, segment_bytes - kSegmentHeaderSize) {}

  bool append(const std::string& payload) {
    auto room = appender.reserve(payload.size());
    if (room.data() == nullptr) return false;
    std::memcpy(room.data(), payload.data(), payload.size());
    appender.commit(payload.size());
    appended.push_back(payload);
    return true;
  }
  void append_many(int count) {
    for (int i = 0; i < count; ++i) assert_true(append(std::to_string(i) + std::string(100, 'x')));
  }
  Position durable() const { return ring.header().durable.load(); }
  Position committed() const { return ring.header().committed.load(); }

  // All payloads; any hole fails.
  std::vector<std::string> read_all() {
    auto reader = JournalReader::open(directories.journal(), directories.run(), ring.identity().id, 0);
    assert_true(reader.ok());
    std::vector<std::string> payloads;
    while (auto item = (*reader)->read()) {
      assert_true(item->kind == JournalItem::Kind::record);
      payloads.emplace_back(item->bytes.data(), item->bytes.size());
    }
    return payloads;
  }

  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directories.journal()), {}));
  }

  TestDirectories directories;
  Ring ring;
  SegmentLog log;
  Appender appender;
  std::vector<std::string> appended;
};

}  // namespace

static void nothing_is_durable_before_a_sync(void**) {
  Worker worker(posix_disk());
  worker.append_many(10);
  assert_true(worker.log.copy(0));
  assert_int_equal(worker.durable(), 0);
  assert_true(worker.log.sync(0));
  assert_int_equal(worker.durable(), worker.committed());
}

// F13: no space for a segment. The ring absorbs, then refuses; everything goes on when there is space.
static void full_disk_at_creation_is_ridden_out(void**) {
  UnreliableDisk disk;
  disk.create_error = ENOSPC;
  Worker worker(disk);
  while (worker.append(std::string(200, 'y'))) worker.log.sync(0);
  assert_int_equal(worker.durable(), 0);
  assert_int_equal(worker.log.status().last_error, ENOSPC);
  assert_int_equal(worker.files(), 0);

  disk.create_error = 0;
  assert_true(worker.log.sync(kAfterBackoffMs));
  assert_int_equal(worker.log.status().last_error, 0);
  assert_true(worker.append("after"));
  assert_true(worker.log.sync(kAfterBackoffMs));
  assert_true(worker.read_all() == worker.appended);
}

// F13 with the kernel refusing, as a full file system does.
static void real_allocation_failure_leaves_no_file(void**) {
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, SIG_IGN);
  Worker worker(posix_disk());
  worker.append_many(10);
  rlimit small{kSegmentBytes / 2, before.rlim_max};
  assert_int_equal(::setrlimit(RLIMIT_FSIZE, &small), 0);
  bool synced = worker.log.sync(0);
  assert_int_equal(::setrlimit(RLIMIT_FSIZE, &before), 0);
  assert_false(synced);
  assert_int_equal(worker.log.status().last_error, EFBIG);
  assert_int_equal(worker.files(), 0);
  assert_true(worker.log.sync(kAfterBackoffMs));
  assert_true(worker.read_all() == worker.appended);
}

// F14: the disk fills while a segment is written: its space was reserved, and the missing spare is told early.
static void missing_spare_is_told_while_the_segment_still_has_room(void**) {
  UnreliableDisk disk;
  Worker worker(disk);
  worker.append_many(20);  // more than half a segment
  assert_true(worker.log.sync(0));
  disk.create_error = ENOSPC;
  worker.log.prepare(0);
  assert_int_equal(worker.log.status().last_error, ENOSPC);
  worker.append_many(5);
  assert_true(worker.log.sync(0));
  assert_true(worker.read_all() == worker.appended);
}

static void failed_write_goes_on_in_another_segment(void**) {
  UnreliableDisk disk;
  Worker worker(disk);
  worker.append_many(5);
  assert_true(worker.log.sync(0));
  disk.write_error = EIO;
  worker.append_many(5);
  worker.log.copy(0);
  disk.write_error = 0;
  assert_true(worker.log.sync(kAfterBackoffMs));
  assert_int_equal(worker.log.status().segments, 2);
  assert_true(worker.read_all() == worker.appended);
}

// F19: after one failed fdatasync nothing in that segment counts, and it is never asked again.
static void failed_sync_retires_the_segment_and_writes_again(void**) {
  UnreliableDisk disk;
  Worker worker(disk);
  worker.append_many(5);
  assert_true(worker.log.sync(0));
  Position durable = worker.durable();
  worker.append_many(5);
  disk.next_sync_error = EIO;
  assert_false(worker.log.sync(0));
  assert_int_equal(worker.durable(), durable);
  assert_int_equal(worker.ring.header().written.load(), durable);
  assert_int_equal(worker.log.status().retired_suspect, 1);

  assert_true(worker.log.sync(kAfterBackoffMs));
  assert_int_equal(worker.durable(), worker.committed());
  assert_int_equal(worker.log.status().segments, 2);
  assert_true(worker.read_all() == worker.appended);
}

// F19: a disk that loses what it failed to sync. The bytes must come from the segment that was written again.
static void failed_sync_loses_nothing_that_was_called_durable(void**) {
  UnreliableDisk disk;
  Worker worker(disk);
  worker.append_many(10);
  disk.next_sync_error = EIO;
  assert_false(worker.log.sync(0));
  assert_true(worker.log.sync(kAfterBackoffMs));
  auto always_lose = [] { return 1U; };
  disk.cut_power(always_lose);
  assert_true(worker.read_all() == worker.appended);
}

static void disk_that_never_syncs_does_not_fill_itself_with_suspects(void**) {
  UnreliableDisk disk;
  Worker worker(disk);
  worker.append_many(10);
  for (std::uint64_t now_ms = 0; now_ms < 100 * kAfterBackoffMs; now_ms += kAfterBackoffMs) {
    disk.next_sync_error = EIO;
    assert_false(worker.log.sync(now_ms));
  }
  assert_true(worker.files() <= 2);
}

static void bytes_stay_in_the_ring_until_they_are_durable(void**) {
  Worker worker(posix_disk());
  while (worker.append(std::string(500, 'z'))) worker.log.copy(0);
  assert_true(worker.committed() > kRingBytes - 1000);  // all written, nothing durable: full
  worker.log.sync(0);
  assert_true(worker.append("again"));
}

static void clean_end_gives_unused_space_back(void**) {
  Worker worker(posix_disk(), 1 << 20);
  worker.append_many(10);
  worker.log.sync(0);
  worker.log.finish();
  for (const auto& file : fs::directory_iterator(worker.directories.journal())) {
    struct stat status {};
    assert_int_equal(::stat(file.path().c_str(), &status), 0);
    assert_int_equal(status.st_size, 1 << 20);
    assert_true(status.st_blocks * 512 < 64 * 1024);
  }
  assert_int_equal(worker.files(), 1);
}

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(nothing_is_durable_before_a_sync),
      cmocka_unit_test(full_disk_at_creation_is_ridden_out),
      cmocka_unit_test(real_allocation_failure_leaves_no_file),
      cmocka_unit_test(missing_spare_is_told_while_the_segment_still_has_room),
      cmocka_unit_test(failed_write_goes_on_in_another_segment),
      cmocka_unit_test(failed_sync_retires_the_segment_and_writes_again),
      cmocka_unit_test(failed_sync_loses_nothing_that_was_called_durable),
      cmocka_unit_test(disk_that_never_syncs_does_not_fill_itself_with_suspects),
      cmocka_unit_test(bytes_stay_in_the_ring_until_they_are_durable),
      cmocka_unit_test(clean_end_gives_unused_space_back),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
