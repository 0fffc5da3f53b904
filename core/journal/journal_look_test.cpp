#include "core/journal/journal_look.h"

#include <cstring>
#include <filesystem>
#include <optional>

#include "core/base/cmocka.h"
#include "core/journal/appender.h"
#include "core/journal/journal_reader.h"
#include "core/journal/names.h"
#include "core/journal/segment_log.h"
#include "core/journal/test_directories.h"

using namespace tributary;
namespace fs = std::filesystem;

namespace {

constexpr JournalId kId{1, 2, 3};
constexpr std::size_t kPayload = 100;
constexpr std::size_t kRecord = record_size(kPayload);
constexpr std::size_t kPerSegment = 10;
constexpr std::size_t kSegmentBytes = kSegmentHeaderSize + kPerSegment * kRecord;

// A journal whose worker lives until end() or die().
struct Written {
  Written()
      : ring(Ring::create(directories.run(), {kId, 1, 2, 3, 4}, 16 * 1024).value()),
        log(std::in_place, *ring, SegmentLogOptions{directories.journal(), kSegmentBytes, false}, posix_disk()),
        appender(std::in_place, *ring, kSegmentBytes - kSegmentHeaderSize) {}

  void write(int records) {
    for (int i = 0; i < records; ++i) {
      std::memset(appender->reserve(kPayload).data(), 'x', kPayload);
      appender->commit(kPayload);
      log->sync(0);
    }
  }
  void end() {
    ring->unlink();
    die();
  }
  void die() {
    appender.reset();
    log.reset();
    ring.reset();
  }
  void remove_first_segment() const { fs::remove(join_path(directories.journal(), segment_name({kId, 0, 0}))); }
  // How many records it finds behind `from`.
  JournalLook look(Position from, int& records) const {
    records = 0;
    return look_at_journal(directories.journal(), directories.run(), kId, from,
                           [&](const JournalItem& item) { records += item.kind == JournalItem::Kind::record; });
  }

  TestDirectories directories;
  std::optional<Ring> ring;
  std::optional<SegmentLog> log;
  std::optional<Appender> appender;
};

}  // namespace

static void an_ended_journal_is_read_from_any_position_to_its_end(void**) {
  Written journal;
  journal.write(25);
  journal.end();
  int records = 0;
  assert_int_equal(journal.look(0, records), JournalLook::whole);
  assert_int_equal(records, 25);
  assert_int_equal(journal.look(7 * kRecord, records), JournalLook::whole);
  assert_int_equal(records, 18);
  assert_int_equal(journal.look(25 * kRecord, records), JournalLook::whole);
  assert_int_equal(records, 0);
}

static void its_reader_is_not_disturbed(void**) {
  Written journal;
  journal.write(25);
  journal.end();
  auto reader = JournalReader::open(journal.directories.journal(), journal.directories.run(), kId, 0);
  assert_true(reader.ok());
  int records = 0;
  assert_int_equal(journal.look(0, records), JournalLook::whole);
  assert_int_equal(records, 25);
  int read = 0;
  while ((*reader)->read()) ++read;
  assert_int_equal(read, 25);
}

static void a_living_worker_is_left_alone(void**) {
  Written journal;
  journal.write(5);
  int records = 0;
  assert_int_equal(journal.look(0, records), JournalLook::live);
  assert_int_equal(records, 0);
}

static void a_dead_ring_has_to_be_flushed_first(void**) {
  Written journal;
  journal.write(5);
  journal.die();
  int records = 0;
  assert_int_equal(journal.look(0, records), JournalLook::unsettled);
  assert_true(JournalReader::open(journal.directories.journal(), journal.directories.run(), kId, 0).ok());
  assert_int_equal(journal.look(0, records), JournalLook::whole);
  assert_int_equal(records, 5);
}

static void a_worker_of_another_run_directory_has_to_end_first(void**) {
  Written journal;
  journal.write(5);
  journal.ring->unlink();
  int records = 0;
  assert_int_equal(journal.look(0, records), JournalLook::unsettled);
}

static void what_was_removed_is_not_taken_for_nothing(void**) {
  Written journal;
  journal.write(25);
  journal.end();
  journal.remove_first_segment();
  int records = 0;
  assert_int_equal(journal.look(3 * kRecord, records), JournalLook::released);
  assert_int_equal(journal.look(kPerSegment * kRecord, records), JournalLook::whole);
  assert_int_equal(records, 15);
}

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(an_ended_journal_is_read_from_any_position_to_its_end),
      cmocka_unit_test(its_reader_is_not_disturbed),
      cmocka_unit_test(a_living_worker_is_left_alone),
      cmocka_unit_test(a_dead_ring_has_to_be_flushed_first),
      cmocka_unit_test(a_worker_of_another_run_directory_has_to_end_first),
      cmocka_unit_test(what_was_removed_is_not_taken_for_nothing),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
