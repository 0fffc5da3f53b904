#include "core/journal/journal_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>
#include <vector>

#include "core/base/cmocka.h"
#include "core/journal/appender.h"
#include "core/journal/journal.h"
#include "core/journal/names.h"
#include "core/journal/segment_header.h"
#include "core/journal/segment_log.h"
#include "core/journal/test_directories.h"

using namespace tributary;
namespace fs = std::filesystem;

namespace {

int failing_reads = 0;  // so many reads behind the header of a segment find a broken disk

}  // namespace

// Instead of that of the C library.
extern "C" ssize_t pread(int fd, void* out, std::size_t size, off_t offset) {
  if (offset >= static_cast<off_t>(kSegmentHeaderSize) && failing_reads > 0) {
    --failing_reads;
    errno = EIO;
    return -1;
  }
  return ::syscall(SYS_pread64, fd, out, size, offset);
}

namespace {

constexpr JournalId kId{9, 8, 7};
constexpr std::size_t kPayload = 100;
constexpr std::size_t kRecord = record_size(kPayload);
constexpr std::size_t kRecordsPerSegment = 10;
constexpr std::size_t kSegmentBytes = kSegmentHeaderSize + kRecordsPerSegment * kRecord;

std::string payload_of(std::size_t number) {
  std::string payload = std::to_string(number);
  payload.resize(kPayload, static_cast<char>('a' + number % 26));
  return payload;
}

// An ended journal of `count` numbered records, ten to a segment.
struct EndedJournal {
  explicit EndedJournal(std::size_t count) {
    Ring ring = Ring::create(directories.run(), {kId, 1, 2, 3, 4}, 16 * 1024).value();
    SegmentLog log(ring, {directories.journal(), kSegmentBytes, false}, posix_disk());
    Appender appender(ring, kSegmentBytes - kSegmentHeaderSize);
    for (std::size_t i = 0; i < count; ++i) {
      std::string payload = payload_of(i);
      std::memcpy(appender.reserve(kPayload).data(), payload.data(), kPayload);
      appender.commit(kPayload);
      log.sync(0);
    }
    ring.unlink();
  }

  fs::path segment(std::size_t index, std::uint32_t copy = 0) const {
    return join_path(directories.journal(), segment_name({kId, index * kRecordsPerSegment * kRecord, copy}));
  }

  void flip(std::size_t record, std::size_t offset) const {
    std::fstream file(segment(record / kRecordsPerSegment), std::ios::in | std::ios::out | std::ios::binary);
    auto at = static_cast<std::streamoff>(kSegmentHeaderSize + record % kRecordsPerSegment * kRecord + offset);
    file.seekg(at);
    int byte = file.get();
    file.seekp(at);
    file.put(static_cast<char>(byte ^ 4));
  }

  TestDirectories directories;
};

// What reading gives, in short: "0-4 damaged 6-9 gap" are records 0 to 4, damaged bytes, records 6 to 9, a gap.
std::string read_in_short(const TestDirectories& directories) {
  auto reader = JournalReader::open(directories.journal(), directories.run(), kId, 0);
  assert_true(reader.ok());
  std::string text;
  std::size_t from = 0, next = SIZE_MAX;
  auto end_run = [&] {
    if (next != SIZE_MAX) text += std::to_string(from) + '-' + std::to_string(next - 1) + ' ';
    next = SIZE_MAX;
  };
  Position at = 0;
  while (auto item = (*reader)->read()) {
    assert_int_equal(item->position, at);
    at = item->next;
    std::size_t number = item->position / kRecord;
    if (item->kind == JournalItem::Kind::record) {
      assert_true(payload_of(number) == std::string_view(item->bytes.data(), item->bytes.size()));
      if (number != next) from = number;
      next = number + 1;
    } else {
      end_run();
      text += item->kind == JournalItem::Kind::damaged ? "damaged " : "gap ";
    }
  }
  end_run();
  assert_true((*reader)->state() == JournalState::ended);
  if (!text.empty()) text.pop_back();
  return text;
}

}  // namespace

static void ended_journal_reads_whole(void**) {
  EndedJournal journal(25);
  assert_text(read_in_short(journal.directories), "0-24");
}

// F16: wherever a bit of a record flips, only that record is lost.
static void flipped_bit_costs_one_record(void**) {
  for (std::size_t offset : {0UL, 5UL, 9UL, 13UL, 16UL, 60UL, 115UL}) {
    EndedJournal journal(25);
    journal.flip(5, offset);
    journal.flip(19, offset);  // the last of its segment
    assert_text(read_in_short(journal.directories), "0-4 damaged 6-18 damaged 20-24");
  }
}

// F16: the header of a segment is not needed.
static void flipped_bit_in_a_segment_header_costs_nothing(void**) {
  EndedJournal journal(25);
  std::fstream file(journal.segment(1), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(40);
  file.put('!');
  file.close();
  assert_text(read_in_short(journal.directories), "0-24");
}

static void damaged_bytes_are_handed_out(void**) {
  EndedJournal journal(3);
  journal.flip(1, 50);
  auto reader = JournalReader::open(journal.directories.journal(), journal.directories.run(), kId, kRecord);
  auto item = (*reader)->read();
  assert_true(item->kind == JournalItem::Kind::damaged);
  std::string expected = payload_of(1);
  expected[50 - sizeof(RecordHeader)] ^= 4;
  assert_int_equal(item->bytes.size(), kRecord);
  assert_memory_equal(item->bytes.data() + sizeof(RecordHeader), expected.data(), kPayload);
}

// F17: segment deleted, renamed, a directory, empty: a gap, and what follows is read.
static void missing_segment_is_a_gap(void**) {
  for (int way = 0; way < 5; ++way) {
    EndedJournal journal(25);
    fs::path target = journal.segment(1);
    if (way == 1) fs::rename(target, target.string() + ".old");
    if (way != 1) fs::remove(target);
    if (way == 2) fs::create_directory(target);
    if (way == 3) std::ofstream{target};
    if (way == 4) assert_int_equal(::mkfifo(target.c_str(), 0600), 0);
    assert_text(read_in_short(journal.directories), "0-9 gap 20-24");
  }
}

// F17: what this user may not read is not given up: it is read when he may.
static void segment_without_permission_is_waited_for(void**) {
  EndedJournal journal(25);
  auto reader = JournalReader::open(journal.directories.journal(), journal.directories.run(), kId, 0);
  for (int i = 0; i < 10; ++i) assert_true((*reader)->read()->kind == JournalItem::Kind::record);
  fs::permissions(journal.segment(1), fs::perms::none);
  fs::permissions(journal.segment(1).parent_path().parent_path(), fs::perms{0755});
  const bool root = ::geteuid() == 0;  // who may read everything
  if (root) assert_int_equal(::seteuid(65534), 0);
  auto item = (*reader)->read();
  const JournalState state = (*reader)->state();
  if (root) assert_int_equal(::seteuid(0), 0);
  assert_false(item.has_value());
  assert_true(state == JournalState::live);
  fs::permissions(journal.segment(1), fs::perms::owner_read);
  for (int i = 10; i < 25; ++i) assert_true((*reader)->read()->kind == JournalItem::Kind::record);
}

// F19: a disk that fails for a moment costs nothing.
static void what_a_disk_gives_back_later_is_read(void**) {
  EndedJournal journal(25);
  failing_reads = 3;
  assert_text(read_in_short(journal.directories), "0-24");
  assert_int_equal(failing_reads, 0);
}

// What it never gives back is reported, at the end of a journal too.
static void what_a_disk_never_gives_back_is_a_gap(void**) {
  EndedJournal journal(15);
  failing_reads = 1'000'000;
  const std::string text = read_in_short(journal.directories);
  failing_reads = 0;
  assert_text(text, "gap gap");
}

static std::uint64_t test_clock_ms = 0;
static std::uint64_t test_clock() noexcept {
  return test_clock_ms;
}

static std::unique_ptr<JournalReader> open_patient(const EndedJournal& journal) {
  test_clock_ms = 1;
  auto reader =
      JournalReader::open(journal.directories.journal(), journal.directories.run(), kId, 0, posix_disk(), test_clock);
  assert_true(reader.ok());
  return std::move(*reader);
}

// F19: nor does one that fails for most of a minute, when the reader has a clock.
static void a_patient_reader_waits_for_a_failing_disk(void**) {
  EndedJournal journal(25);
  auto reader = open_patient(journal);
  failing_reads = 1'000'000;
  for (; test_clock_ms < 59'000; test_clock_ms += 500) {
    assert_false(reader->read().has_value());
    assert_true(reader->state() == JournalState::live);
  }
  failing_reads = 0;
  test_clock_ms = 59'900;
  for (int i = 0; i < 25; ++i) assert_true(reader->read()->kind == JournalItem::Kind::record);
  assert_false(reader->read().has_value());
  assert_true(reader->state() == JournalState::ended);
}

static void a_failing_disk_is_not_asked_all_the_time(void**) {
  EndedJournal journal(25);
  auto reader = open_patient(journal);
  failing_reads = 1'000'000;
  assert_false(reader->read().has_value());
  const int left = failing_reads;
  for (int i = 0; i < 100; ++i) assert_false(reader->read().has_value());
  assert_int_equal(failing_reads, left);
  failing_reads = 0;
}

static void after_a_minute_what_a_disk_does_not_give_back_is_a_gap(void**) {
  EndedJournal journal(15);
  auto reader = open_patient(journal);
  failing_reads = 1'000'000;
  assert_false(reader->read().has_value());
  test_clock_ms += 60'000;
  assert_true(reader->read()->kind == JournalItem::Kind::gap);
  failing_reads = 0;
}

static void truncated_segment_is_a_gap_from_there(void**) {
  EndedJournal journal(25);
  fs::resize_file(journal.segment(1), kSegmentHeaderSize + 3 * kRecord);
  assert_text(read_in_short(journal.directories), "0-12 gap 20-24");
}

// F17: twice the same bytes, under the name of a later copy or under a name that is not theirs.
static void duplicated_segment_is_read_once(void**) {
  EndedJournal journal(25);
  fs::copy_file(journal.segment(0), journal.segment(0, 1));
  fs::copy_file(journal.segment(0), journal.segment(2, 1));
  fs::copy_file(journal.segment(1), journal.segment(7));
  assert_text(read_in_short(journal.directories), "0-24");
}

// F17: another format version, and the byte order of another host.
static void foreign_segment_is_listed_and_skipped(void**) {
  for (bool other_order : {false, true}) {
    EndedJournal journal(5);
    std::array<char, kSegmentHeaderSize> page{};
    std::ifstream(journal.segment(0), std::ios::binary).read(page.data(), page.size());
    std::size_t at = other_order ? 8 : 12;
    if (other_order) std::reverse(page.begin(), page.begin() + 8);
    if (other_order) std::reverse(page.begin() + 8, page.begin() + 12);
    if (!other_order) page[at] = 2;
    std::uint32_t crc = crc32c(0, page.data(), 76);
    if (other_order) crc = __builtin_bswap32(crc);
    std::memcpy(page.data() + 76, &crc, sizeof(crc));
    std::fstream(journal.segment(0), std::ios::in | std::ios::out | std::ios::binary).write(page.data(), page.size());
    auto listing = list_journals(journal.directories.journal(), journal.directories.run());
    assert_int_equal(listing.journals.size(), 0);
    assert_int_equal(listing.ignored.size(), 1);
  }
}

static void odd_files_are_ignored_with_a_reason(void**) {
  EndedJournal journal(5);
  std::ofstream(journal.directories.journal() + "/notes.txt") << "hello";
  std::ofstream(journal.directories.run() + '/' + ring_name({1})) << "no ring";
  std::ofstream(journal.directories.run() + "/state") << "somebody else's";
  auto listing = list_journals(journal.directories.journal(), journal.directories.run());
  assert_int_equal(listing.ignored.size(), 2);
  assert_int_equal(listing.journals.size(), 2);  // a ring that cannot be read still announces its journal
  assert_text(read_in_short(journal.directories), "0-4");
}

// The part of `release` that operators see: age and bytes.
static void stored_segments_are_kept_by_age_and_size(void**) {
  EndedJournal journal(35);
  auto reader = JournalReader::open(journal.directories.journal(), journal.directories.run(), kId, 0).value();
  while (reader->read()) {
  }
  std::uint64_t now_ms = static_cast<std::uint64_t>(std::time(nullptr)) * 1000;
  Position stored = 25 * kRecord;
  assert_int_equal(reader->release(stored, 3600, UINT64_MAX, now_ms), 0);
  std::uint64_t two_segments = 2 * 8192;
  assert_int_equal(reader->release(stored, 3600, two_segments - 1, now_ms), 1);
  assert_false(fs::exists(journal.segment(0)));
  assert_int_equal(reader->release(stored, 3600, UINT64_MAX, now_ms + 3'700'000), 1);
  assert_true(fs::exists(journal.segment(2)));  // 25 is in it
  assert_int_equal(reader->release(35 * kRecord, 0, 0, now_ms + 10'000), 2);
  assert_true(fs::is_empty(journal.directories.journal()));
}

// F03, F01: a worker killed at a random moment. Committed records come out whole, in order, up to the last that its
// pipe announced at least; nothing half-written comes out.
static void killed_writer_loses_nothing_that_it_committed(void**) {
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    TestDirectories directories;
    int ends[2];
    assert_int_equal(::pipe(ends), 0);
    pid_t child = ::fork();
    if (child == 0) {
      JournalOptions options;
      options.run_path = directories.run();
      options.journal_path = directories.journal();
      options.ring_bytes = 256 * 1024;
      options.segment_bytes = 64 * 1024;
      options.sync_interval_ms = 5;
      auto journal = Journal::open(options);
      if (!journal.ok()) ::_exit(1);
      for (std::uint64_t number = 0;; ++number) {
        auto room = (*journal)->reserve(kPayload);
        while (room.empty()) room = (*journal)->reserve(kPayload);
        std::memcpy(room.data(), payload_of(number).data(), kPayload);
        (*journal)->commit(kPayload);
        if (::write(ends[1], &number, sizeof(number)) != sizeof(number)) ::_exit(2);
      }
    }
    ::close(ends[1]);
    std::uint64_t last = 0, number = 0;
    for (std::uint64_t wanted = 1 + random() % 5000; last<wanted&& ::read(ends[0], &number, sizeof(number))> 0;) {
      last = number;
    }
    ::kill(child, SIGKILL);
    int status = 0;
    assert_int_equal(::waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    while (::read(ends[0], &number, sizeof(number)) > 0) last = number;
    ::close(ends[0]);

    auto listing = list_journals(directories.journal(), directories.run());
    assert_int_equal(listing.journals.size(), 1);
    auto reader = JournalReader::open(directories.journal(), directories.run(), listing.journals[0].id, 0).value();
    std::uint64_t count = 0;
    while (auto item = reader->read()) {
      assert_true(item->kind == JournalItem::Kind::record);
      assert_true(payload_of(count) == std::string_view(item->bytes.data(), item->bytes.size()));
      ++count;
    }
    assert_true(count >= last + 1);
    assert_true(reader->state() == JournalState::ended);
    assert_true(fs::is_empty(directories.run()));
  }
}

static std::uint64_t allocated(const fs::path& path) {
  struct stat status {};
  assert_int_equal(::stat(path.c_str(), &status), 0);
  return static_cast<std::uint64_t>(status.st_blocks) * 512;
}

// A journal of one large segment with a few records, whose writer went without giving the rest of it back.
struct AbandonedJournal {
  static constexpr std::uint64_t kBytes = 8u << 20;

  AbandonedJournal() {
    for (std::size_t i = 0; i < 3; ++i) {
      std::memcpy(appender.reserve(kPayload).data(), payload_of(i).data(), kPayload);
      appender.commit(kPayload);
    }
    log->sync(0);
  }
  void abandon() {
    log.reset();
    ring.unlink();
  }
  std::unique_ptr<JournalReader> read() const {
    auto reader = JournalReader::open(directories.journal(), directories.run(), kId, 0).value();
    std::size_t count = 0;
    while (reader->read()) ++count;
    assert_int_equal(count, 3);
    return reader;
  }
  fs::path segment() const { return join_path(directories.journal(), segment_name({kId, 0, 0})); }

  TestDirectories directories;
  Ring ring = Ring::create(directories.run(), {kId, 1, 2, 3, 4}, 16 * 1024).value();
  std::unique_ptr<SegmentLog> log =
      std::make_unique<SegmentLog>(ring, SegmentLogOptions{directories.journal(), kBytes, false}, posix_disk());
  Appender appender{ring, kBytes - kSegmentHeaderSize};
};

static void room_that_a_dead_writer_left_is_given_back_and_nothing_else_changes(void**) {
  AbandonedJournal journal;
  journal.abandon();
  assert_true(allocated(journal.segment()) >= AbandonedJournal::kBytes);
  const auto written_at = fs::last_write_time(journal.segment());
  assert_true(journal.read()->state() == JournalState::ended);
  assert_true(allocated(journal.segment()) <= 64 * 1024);
  assert_int_equal(fs::file_size(journal.segment()), AbandonedJournal::kBytes);
  assert_true(fs::last_write_time(journal.segment()) == written_at);
  assert_true(journal.read()->state() == JournalState::ended);
}

static void room_of_a_living_writer_is_left_alone(void**) {
  AbandonedJournal journal;
  assert_true(journal.read()->state() == JournalState::live);
  assert_true(allocated(journal.segment()) >= AbandonedJournal::kBytes);
  // Not even its ring being gone makes it a dead one.
  journal.ring.unlink();
  assert_false(JournalReader::open(journal.directories.journal(), journal.directories.run(), kId, 0).ok());
  assert_true(allocated(journal.segment()) >= AbandonedJournal::kBytes);
}

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(ended_journal_reads_whole),
      cmocka_unit_test(flipped_bit_costs_one_record),
      cmocka_unit_test(flipped_bit_in_a_segment_header_costs_nothing),
      cmocka_unit_test(damaged_bytes_are_handed_out),
      cmocka_unit_test(missing_segment_is_a_gap),
      cmocka_unit_test(segment_without_permission_is_waited_for),
      cmocka_unit_test(what_a_disk_gives_back_later_is_read),
      cmocka_unit_test(what_a_disk_never_gives_back_is_a_gap),
      cmocka_unit_test(a_patient_reader_waits_for_a_failing_disk),
      cmocka_unit_test(a_failing_disk_is_not_asked_all_the_time),
      cmocka_unit_test(after_a_minute_what_a_disk_does_not_give_back_is_a_gap),
      cmocka_unit_test(truncated_segment_is_a_gap_from_there),
      cmocka_unit_test(duplicated_segment_is_read_once),
      cmocka_unit_test(foreign_segment_is_listed_and_skipped),
      cmocka_unit_test(odd_files_are_ignored_with_a_reason),
      cmocka_unit_test(stored_segments_are_kept_by_age_and_size),
      cmocka_unit_test(room_that_a_dead_writer_left_is_given_back_and_nothing_else_changes),
      cmocka_unit_test(room_of_a_living_writer_is_left_alone),
      cmocka_unit_test(killed_writer_loses_nothing_that_it_committed),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
