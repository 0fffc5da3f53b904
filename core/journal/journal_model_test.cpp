// Random operations on journals against a plain model in memory: appends, copying, syncing, failing disks, kills at
// every disk call, power cuts, damaged, truncated, deleted and duplicated segments, readers that come and go.
//
// What must hold: items follow each other without a hole; a record that comes out is the one that was committed there,
// once; one that was durable, or committed while the ring survived, does come out unless this test damaged its bytes.

#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "core/base/cmocka.h"
#include "core/base/whole_file.h"
#include "core/journal/appender.h"
#include "core/journal/journal_reader.h"
#include "core/journal/names.h"
#include "core/journal/segment_header.h"
#include "core/journal/segment_log.h"
#include "core/journal/test_directories.h"
#include "core/journal/unreliable_disk.h"

using namespace tributary;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kRingBytes = 4096;
constexpr std::size_t kSegmentBytes = kSegmentHeaderSize + 2048;
constexpr std::size_t kMaxJournals = 4;
constexpr std::uint64_t kForEver = UINT64_MAX / 4000;

struct ModelRecord {
  Position position;
  Position next;
  std::string payload;
  bool may_be_lost = false;
  bool harmed = false;  // in one of the segments that held it
};

struct ModelJournal {
  JournalId id{};
  std::deque<ModelRecord> records;  // from `stored` on
  Position stored = 0;              // everything before is safe elsewhere
  std::unique_ptr<JournalReader> reader;

  template <typename Visit>
  void each_overlapping(Position begin, Position end, Visit visit) {
    auto record =
        std::partition_point(records.begin(), records.end(), [&](const ModelRecord& r) { return r.next <= begin; });
    for (; record != records.end() && record->position < end; ++record) visit(*record);
  }
};

// A worker with its ring and segments.
struct Life {
  explicit Life(Ring made, const std::string& journal_path, Disk& disk)
      : ring(std::move(made)),
        log(ring, {journal_path, kSegmentBytes, true}, disk),
        appender(ring, kSegmentBytes - kSegmentHeaderSize) {}
  Ring ring;
  SegmentLog log;
  Appender appender;
};

class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) { begin_life(); }

  void step() {
    std::uint64_t dice = below(1000);
    if (dice < 420) return append();
    if (dice < 560) return copy();
    if (dice < 650) return sync();
    if (dice < 670) return life_->log.prepare(now_ms_);
    if (dice < 680) return scribble();
    if (dice < 820) return read(any_journal(), below(16));
    if (dice < 860) return ask_state(any_journal());
    if (dice < 875) return reopen(any_journal());
    if (dice < 890) return release(any_journal());
    if (dice < 910) return trouble();
    if (dice < 918) return kill();
    if (dice < 921) return cut_power();
    if (dice < 926) return kill_reader();
    if (dice < 945) return damage();
    now_ms_ += below(3000);
  }

  void drain_all() {
    kill();
    while (journals_.size() > 1) drain_oldest();
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  ModelJournal& any_journal() { return journals_[below(journals_.size())]; }
  ModelJournal& live() { return journals_.back(); }

  void begin_life() {
    while (journals_.size() >= kMaxJournals) drain_oldest();
    JournalIdentity identity{random_id(), 1, 2, 3, 4};
    auto ring = Ring::create(directories_.run(), identity, kRingBytes);
    assert_true(ring.ok());
    life_.emplace(std::move(*ring), directories_.journal(), disk_);
    journals_.emplace_back();
    live().id = identity.id;
  }

  JournalId random_id() {
    JournalId id;
    for (auto& byte : id) byte = static_cast<std::uint8_t>(random_());
    return id;
  }

  void append() {
    std::string payload = make_payload();
    auto room = life_->appender.reserve(payload.size() + below(20));
    if (room.data() == nullptr) return;
    std::memcpy(room.data(), payload.data(), payload.size());
    Position begin = life_->ring.header().committed.load();
    Position next = life_->appender.commit(payload.size());
    live().records.push_back({begin, next, std::move(payload)});
  }

  // Some look like records themselves.
  std::string make_payload() {
    std::string payload(below(below(10) == 0 ? 1000 : 200), '\0');
    for (char& c : payload) c = static_cast<char>(below(4) == 0 ? 0 : random_());
    std::size_t copied = payload.size() / kRecordAlignment * kRecordAlignment;
    if (below(8) == 0 && !live().records.empty()) {
      std::memcpy(payload.data(), life_->ring.at(live().records.back().position), std::min<std::size_t>(copied, 64));
    }
    return payload;
  }

  // A worker killed before its commit.
  void scribble() {
    auto room = life_->appender.reserve(below(300));
    for (char& c : room) c = static_cast<char>(random_());
  }

  void copy() { life_->log.copy(now_ms_); }
  void sync() { life_->log.sync(now_ms_); }

  void trouble() {
    disk_.create_error = below(3) == 0 ? ENOSPC : 0;
    disk_.write_error = below(6) == 0 ? EIO : 0;
    disk_.next_sync_error = below(3) == 0 ? EIO : 0;
  }

  void heal() {
    disk_.create_error = disk_.write_error = disk_.next_sync_error = 0;
    disk_.calls_until_death = UnreliableDisk::kNever;
  }

  void kill() {
    disk_.calls_until_death = 1 + below(12);
    for (int i = 0; i < 8 && !disk_.dead(); ++i) {
      now_ms_ += 100;
      append();
      below(2) == 0 ? copy() : sync();
      if (below(4) == 0) life_->log.prepare(now_ms_);
    }
    if (below(2) == 0) scribble();
    life_.reset();
    heal();
    begin_life();
  }

  void cut_power() {
    Position durable = life_->ring.header().durable.load();
    life_.reset();
    for (ModelJournal& journal : journals_) {
      journal.reader.reset();
      if (fs::exists(ring_path(journal))) forgive_after(journal, durable_of(journal, durable));
      fs::remove(ring_path(journal));
      for (ModelRecord& record : journal.records) record.may_be_lost |= record.harmed;  // the other copy was not synced
    }
    disk_.cut_power(random_);
    heal();
    begin_life();
  }

  std::string ring_path(const ModelJournal& journal) { return directories_.run() + '/' + ring_name(journal.id); }

  Position durable_of(const ModelJournal& journal, Position of_live) {
    if (&journal == &live()) return of_live;
    auto ring = Ring::open(ring_path(journal));
    assert_true(ring.ok());
    return ring->header().durable.load();
  }

  static void forgive_after(ModelJournal& journal, Position position) {
    journal.each_overlapping(position, UINT64_MAX, [](ModelRecord& record) { record.may_be_lost = true; });
  }

  bool ensure_reader(ModelJournal& journal) {
    if (journal.reader != nullptr) return true;
    auto opened = JournalReader::open(directories_.journal(), directories_.run(), journal.id, journal.stored, disk_);
    assert_true(opened.ok());
    journal.reader = std::move(*opened);
    return true;
  }

  // True when an item came.
  bool read_one(ModelJournal& journal) {
    Position before = journal.reader->position();
    auto item = journal.reader->read();
    if (!item) {
      assert_true(journal.reader->position() == before);
      return false;
    }
    assert_true(item->position == before && item->next > before && item->next == journal.reader->position());
    check(journal, *item);
    return true;
  }

  static void check(ModelJournal& journal, const JournalItem& item) {
    bool matched = false;
    journal.each_overlapping(item.position, item.next, [&](const ModelRecord& record) {
      if (item.kind == JournalItem::Kind::record) {
        assert_true(record.position == item.position && record.next == item.next);
        assert_true(record.payload == std::string_view(item.bytes.data(), item.bytes.size()));
        matched = true;
      } else {
        assert_true(record.may_be_lost);
      }
    });
    assert_true(matched || item.kind != JournalItem::Kind::record);
    if (item.kind == JournalItem::Kind::damaged) assert_true(item.bytes.size() == item.next - item.position);
  }

  void read(ModelJournal& journal, std::uint64_t items) {
    ensure_reader(journal);
    while (items-- > 0 && read_one(journal)) {
    }
    if (below(2) == 0) store(journal);
  }

  static void store(ModelJournal& journal) {
    journal.stored = journal.reader->position();
    while (!journal.records.empty() && journal.records.front().next <= journal.stored) journal.records.pop_front();
  }

  void ask_state(ModelJournal& journal) {
    ensure_reader(journal);
    bool nothing = !read_one(journal);
    if (nothing && journal.reader->state() == JournalState::ended) check_end(journal);
  }

  static void check_end(ModelJournal& journal) {
    journal.each_overlapping(journal.reader->position(), UINT64_MAX,
                             [](const ModelRecord& record) { assert_true(record.may_be_lost); });
  }

  void reopen(ModelJournal& journal) {
    journal.reader.reset();
    ensure_reader(journal);
  }

  void release(ModelJournal& journal) {
    ensure_reader(journal);
    bool all = below(2) == 0;
    journal.reader->release(journal.stored, all ? 0 : kForEver, all ? 0 : 8000, UINT64_MAX / 2);
  }

  // While it flushes a dead ring.
  void kill_reader() {
    ModelJournal& journal = journals_.front();
    if (&journal == &live()) return;
    journal.reader.reset();
    disk_.calls_until_death = 1 + below(7);
    ensure_reader(journal);
    ask_state(journal);
    journal.reader.reset();
    heal();
  }

  void drain_oldest() {
    ModelJournal& journal = journals_.front();
    auto before = std::make_tuple(disk_.create_error, disk_.write_error, disk_.next_sync_error);
    heal();
    ensure_reader(journal);
    int turns = 0;
    do {
      while (read_one(journal)) assert_true(++turns < 10'000);
      assert_true(++turns < 10'000);
    } while (journal.reader->state() == JournalState::live);
    check_end(journal);
    journal.reader->release(journal.reader->position(), 0, 0, UINT64_MAX / 2);
    journal.reader.reset();
    assert_false(fs::exists(ring_path(journal)));
    assert_only_junk_left(journal);
    journals_.pop_front();
    std::tie(disk_.create_error, disk_.write_error, disk_.next_sync_error) = before;
  }

  void assert_only_junk_left(const ModelJournal& journal) {
    for (const auto& entry : fs::directory_iterator(directories_.journal())) {
      if (!entry.path().filename().string().starts_with(journal_id_text(journal.id))) continue;
      assert_true(entry.is_directory() || junk_.contains(entry.path()));
      fs::remove_all(entry.path());
      junk_.erase(entry.path());
    }
  }

  struct Target {
    fs::path path;
    SegmentName name;
    ModelJournal* journal;
    bool in_use;
  };

  std::vector<Target> all_segments() {
    std::vector<Target> targets;
    for (const auto& entry : fs::directory_iterator(directories_.journal())) {
      auto name = parse_segment_name(entry.path().filename().string());
      if (!name || !entry.is_regular_file() || junk_.contains(entry.path())) continue;
      for (ModelJournal& journal : journals_) {
        if (journal.id == name->id) targets.push_back({entry.path(), *name, &journal, &journal == &live()});
      }
    }
    return targets;
  }

  static bool holds(const std::string& file, const Target& target, const ModelRecord& record) {
    if (record.position < target.name.first) return false;
    std::size_t offset = kSegmentHeaderSize + (record.position - target.name.first);
    if (offset + (record.next - record.position) > file.size()) return false;
    RecordHeader header;
    return RecordCodec(target.name.id).check_header(file.data() + offset, record.position, header) &&
           file.compare(offset + sizeof(header), header.length, record.payload) == 0;
  }

  static std::string contents(const fs::path& path) { return read_whole_file(path.string()).value_or(std::string()); }

  // Does `harm` to one segment. The records that no segment holds any more may be lost.
  template <typename Harm>
  void harm(const Target& target, Harm do_harm) {
    std::string before = contents(target.path);
    do_harm();
    std::vector<std::pair<Target, std::string>> left;
    for (const Target& other : all_segments()) {
      if (other.journal == target.journal) left.emplace_back(other, contents(other.path));
    }
    for (ModelRecord& record : target.journal->records) {
      if (!holds(before, target, record)) continue;
      record.harmed = true;
      auto holds_it = [&](const auto& other) { return holds(other.second, other.first, record); };
      // A living writer removes a suspect that it has written again: that copy does not count.
      if (target.in_use || std::none_of(left.begin(), left.end(), holds_it)) record.may_be_lost = true;
    }
  }

  void damage() {
    auto targets = all_segments();
    if (targets.empty()) return;
    const Target& target = targets[below(targets.size())];
    std::uint64_t kind = below(target.in_use ? 2 : 8);
    if (kind == 3) return duplicate(target);
    harm(target, [&] {
      if (kind < 2) return flip(target.path);
      if (kind == 2) return truncate(target.path);
      if (kind == 4) return make_foreign(target.path);
      fs::remove(target.path);
      if (kind == 5) fs::create_directory(target.path);
      if (kind == 6) std::ofstream(target.path).put('x');
      if (kind == 6) junk_.insert(target.path);
    });
  }

  void flip(const fs::path& path) {
    std::uint64_t size = fs::file_size(path);
    std::uint64_t offset = below(below(4) == 0 ? 128 : size + 1);
    if (offset >= size) return;
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    int byte = file.get();
    file.seekp(static_cast<std::streamoff>(offset));
    file.put(static_cast<char>(byte ^ (1 << below(8))));
  }

  void truncate(const fs::path& path) {
    std::uint64_t size = below(fs::file_size(path) + 1);
    fs::resize_file(path, size);
    if (size < kSegmentHeaderSize + kRecordAlignment) junk_.insert(path);
  }

  void duplicate(const Target& target) {
    SegmentName name = target.name;
    name.first += kRecordAlignment * (1 + below(200));
    fs::path copy = fs::path(directories_.journal()) / (below(3) == 0 ? "copy.bak" : segment_name(name));
    std::error_code exists;
    if (fs::copy_file(target.path, copy, fs::copy_options::skip_existing, exists)) junk_.insert(copy);
  }

  void make_foreign(const fs::path& path) {
    if (fs::file_size(path) < kSegmentHeaderSize) return;
    SegmentHeader header;
    std::array<char, kSegmentHeaderSize> bytes;
    header.identity.id = random_id();  // sound, but of another journal
    encode_segment_header(header, bytes);
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.write(bytes.data(), bytes.size());
    junk_.insert(path);
  }

  std::mt19937_64 random_;
  TestDirectories directories_;
  UnreliableDisk disk_;
  std::uint64_t now_ms_ = 0;
  std::deque<ModelJournal> journals_;  // the last one lives
  std::optional<Life> life_;
  std::set<fs::path> junk_;  // made by damage(), no segments
};

std::uint64_t steps_wanted() {
  const char* text = std::getenv("TRIBUTARY_MODEL_STEPS");  // NOLINT(concurrency-mt-unsafe)
  return text != nullptr ? std::strtoull(text, nullptr, 10) : 1'000'000;
}

std::uint64_t first_seed() {
  const char* text = std::getenv("TRIBUTARY_MODEL_SEED");  // NOLINT(concurrency-mt-unsafe)
  return text != nullptr ? std::strtoull(text, nullptr, 10) : 1;
}

}  // namespace

static void journal_agrees_with_its_model(void**) {
  constexpr std::uint64_t kStepsPerWorld = 10'000;
  std::uint64_t seed = first_seed();
  for (std::uint64_t done = 0; done < steps_wanted(); done += kStepsPerWorld, ++seed) {
    std::fprintf(stderr, "\rmodel seed %llu ", static_cast<unsigned long long>(seed));
    World world(seed);
    for (std::uint64_t i = 0; i < kStepsPerWorld; ++i) world.step();
    world.drain_all();
  }
}

int main() {
  const CMUnitTest tests[] = {cmocka_unit_test(journal_agrees_with_its_model)};
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
