#include "core/journal/journal.h"

#include <poll.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "core/base/cmocka.h"
#include "core/journal/journal_reader.h"
#include "core/journal/test_directories.h"

using namespace tributary;

namespace {

JournalOptions small_options(const TestDirectories& directories) {
  JournalOptions options;
  options.run_path = directories.run();
  options.journal_path = directories.journal();
  options.edge = 7;
  options.slot = 3;
  options.ring_bytes = 64 * 1024;
  options.segment_bytes = 16 * 1024;
  options.sync_interval_ms = 5;
  return options;
}

std::unique_ptr<Journal> open_journal(const JournalOptions& options) {
  auto journal = Journal::open(options);
  assert_true(journal.ok());
  return std::move(*journal);
}

Position append(Journal& journal, const std::string& payload) {
  auto room = journal.reserve(payload.size());
  assert_int_equal(room.size(), payload.size());
  std::memcpy(room.data(), payload.data(), payload.size());
  return journal.commit(payload.size());
}

std::unique_ptr<JournalReader> open_reader(const TestDirectories& directories, const JournalId& id, Position from = 0) {
  auto reader = JournalReader::open(directories.journal(), directories.run(), id, from);
  assert_true(reader.ok());
  return std::move(*reader);
}

template <typename Condition>
void wait_until(Condition condition) {
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    assert_true(std::chrono::steady_clock::now() < deadline);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

// The payloads up to `end`, which must come as whole records without a hole.
std::vector<std::string> read_until(JournalReader& reader, Position end) {
  std::vector<std::string> payloads;
  wait_until([&] {
    while (auto item = reader.read()) {
      assert_true(item->kind == JournalItem::Kind::record);
      payloads.emplace_back(item->bytes.data(), item->bytes.size());
    }
    return reader.position() >= end;
  });
  return payloads;
}

std::vector<std::string> numbered_payloads(int count) {
  std::vector<std::string> payloads;
  for (int i = 0; i < count; ++i) {
    payloads.push_back("record " + std::to_string(i) + std::string(static_cast<std::size_t>(i % 300), 'x'));
  }
  return payloads;
}

std::uint64_t bytes_read_by_this_process() {
  std::ifstream file("/proc/self/io");
  std::string name;
  std::uint64_t bytes = 0;
  file >> name >> bytes;
  assert_string_equal(name.c_str(), "rchar:");
  return bytes;
}

}  // namespace

static void live_journal_is_read_in_order_across_segments(void**) {
  TestDirectories directories;
  auto journal = open_journal(small_options(directories));
  auto reader = open_reader(directories, journal->id());
  auto written = numbered_payloads(1000);
  std::vector<std::string> read;
  for (std::size_t i = 0; i < written.size(); i += 100) {
    Position end = 0;
    for (std::size_t j = i; j < i + 100; ++j) end = append(*journal, written[j]);
    for (auto& payload : read_until(*reader, end)) read.push_back(std::move(payload));
  }
  assert_true(read == written);
  assert_true(journal->status().segments > 5);
  assert_true(reader->state() == JournalState::live);
}

static void closed_journal_leaves_no_ring_and_reads_to_its_end(void**) {
  TestDirectories directories;
  auto journal = open_journal(small_options(directories));
  auto written = numbered_payloads(100);
  for (auto& payload : written) append(*journal, payload);
  JournalId id = journal->id();
  Position end = journal->status().committed;
  journal->close(5000);
  assert_true(std::filesystem::is_empty(directories.run()));

  auto listing = list_journals(directories.journal(), directories.run());
  assert_int_equal(listing.journals.size(), 1);
  assert_int_equal(listing.ignored.size(), 0);
  assert_int_equal(listing.journals[0].edge, 7);
  assert_int_equal(listing.journals[0].slot, 3);

  auto reader = open_reader(directories, id);
  assert_true(read_until(*reader, end) == written);
  assert_false(reader->read().has_value());
  assert_true(reader->state() == JournalState::ended);
  reader->release(end, 0, 0, UINT64_MAX / 2);
  assert_true(std::filesystem::is_empty(directories.journal()));
}

static void ring_of_an_unflushed_journal_is_flushed_by_its_reader(void**) {
  TestDirectories directories;
  JournalOptions options = small_options(directories);
  options.journal_path = directories.journal() + "/missing";
  auto journal = open_journal(options);
  auto written = numbered_payloads(100);
  Position end = 0;
  for (auto& payload : written) end = append(*journal, payload);
  JournalId id = journal->id();
  journal.reset();

  auto reader = open_reader(directories, id);
  assert_true(read_until(*reader, end) == written);
  assert_false(reader->read().has_value());
  assert_true(reader->state() == JournalState::ended);
  assert_true(std::filesystem::is_empty(directories.run()));
}

static void requested_sync_makes_the_descriptor_readable(void**) {
  TestDirectories directories;
  JournalOptions options = small_options(directories);
  options.sync_interval_ms = 60'000;
  auto journal = open_journal(options);
  Position end = append(*journal, "postback");
  journal->request_sync(end);
  pollfd waiting{journal->durable_fd(), POLLIN, 0};
  assert_int_equal(::poll(&waiting, 1, 10'000), 1);
  assert_true(journal->durable() >= end);
}

// It is kept for a day, and asked for more every few milliseconds.
static void ended_journal_costs_no_reading(void**) {
  TestDirectories directories;
  JournalOptions options = small_options(directories);
  options.segment_bytes = 2 << 20;
  auto journal = open_journal(options);
  Position end = append(*journal, "last words");
  JournalId id = journal->id();
  journal->close(5000);
  auto reader = open_reader(directories, id);
  read_until(*reader, end);
  assert_false(reader->read().has_value());
  std::uint64_t before = bytes_read_by_this_process();
  for (int i = 0; i < 1000; ++i) assert_false(reader->read().has_value());
  assert_true(bytes_read_by_this_process() - before < 100'000);
}

// The disk may be quicker than the one who asks.
static void request_for_what_is_durable_already_makes_the_descriptor_readable(void**) {
  TestDirectories directories;
  auto journal = open_journal(small_options(directories));
  Position end = append(*journal, "postback");
  wait_until([&] { return journal->durable() >= end; });
  journal->request_sync(end);
  pollfd waiting{journal->durable_fd(), POLLIN, 0};
  assert_int_equal(::poll(&waiting, 1, 10'000), 1);
}

// Its ring was removed, or the reader looks for it in another directory.
static void living_journal_without_its_ring_is_not_read_as_an_ended_one(void**) {
  TestDirectories directories, elsewhere;
  auto journal = open_journal(small_options(directories));
  auto written = numbered_payloads(10);
  Position end = 0;
  for (auto& payload : written) end = append(*journal, payload);
  wait_until([&] { return journal->durable() >= end; });

  auto early = JournalReader::open(directories.journal(), elsewhere.run(), journal->id(), 0);
  assert_false(early.ok());
  assert_non_null(std::strstr(early.error().message.c_str(), "is the run path right?"));

  for (auto& payload : written) end = append(*journal, payload);
  JournalId id = journal->id();
  journal->close(5000);
  auto reader = JournalReader::open(directories.journal(), elsewhere.run(), id, 0);
  assert_true(reader.ok());
  assert_int_equal(read_until(**reader, end).size(), 2 * written.size());
}

static void removed_segment_of_a_living_journal_costs_only_what_was_durable_and_unread(void**) {
  TestDirectories directories;
  JournalOptions options = small_options(directories);
  options.segment_bytes = 1 << 20;
  auto journal = open_journal(options);
  auto reader = open_reader(directories, journal->id());
  Position end = append(*journal, "read");
  wait_until([&] { return journal->durable() >= end; });
  assert_int_equal(read_until(*reader, end).size(), 1);
  for (const auto& file : std::filesystem::directory_iterator(directories.journal())) {
    if (file.path().extension() == ".segment") std::filesystem::remove(file.path());
  }
  Position stored = reader->position();
  reader.reset();
  reader = open_reader(directories, journal->id(), stored);
  auto written = numbered_payloads(100);
  for (auto& payload : written) end = append(*journal, payload);
  assert_true(read_until(*reader, end) == written);
}

static void full_ring_refuses_and_counts(void**) {
  TestDirectories directories;
  JournalOptions options = small_options(directories);
  options.journal_path = directories.journal() + "/missing";
  auto journal = open_journal(options);
  std::size_t fitted = 0;
  while (!journal->reserve(1000).empty()) {
    journal->commit(1000);
    ++fitted;
  }
  assert_int_equal(fitted, options.ring_bytes / record_size(1000));
  assert_int_equal(journal->status().refused, 1);
  assert_true(journal->reserve(journal->max_payload() + 1).empty());
}

static void second_reader_is_refused(void**) {
  TestDirectories directories;
  auto journal = open_journal(small_options(directories));
  auto reader = open_reader(directories, journal->id());
  auto second = JournalReader::open(directories.journal(), directories.run(), journal->id(), 0);
  assert_false(second.ok());
  assert_true(second.error().code == JournalError::Code::busy);
}

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(live_journal_is_read_in_order_across_segments),
      cmocka_unit_test(closed_journal_leaves_no_ring_and_reads_to_its_end),
      cmocka_unit_test(ring_of_an_unflushed_journal_is_flushed_by_its_reader),
      cmocka_unit_test(requested_sync_makes_the_descriptor_readable),
      cmocka_unit_test(ended_journal_costs_no_reading),
      cmocka_unit_test(request_for_what_is_durable_already_makes_the_descriptor_readable),
      cmocka_unit_test(living_journal_without_its_ring_is_not_read_as_an_ended_one),
      cmocka_unit_test(removed_segment_of_a_living_journal_costs_only_what_was_durable_and_unread),
      cmocka_unit_test(full_ring_refuses_and_counts),
      cmocka_unit_test(second_reader_is_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
