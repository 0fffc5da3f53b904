#include "core/journal/ring.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include "core/base/cmocka.h"
#include "core/journal/appender.h"
#include "core/journal/names.h"
#include "core/journal/test_directories.h"

using namespace tributary;
namespace fs = std::filesystem;

namespace {

constexpr JournalIdentity kIdentity{{1, 2, 3}, 4, 5, 6, 7};
constexpr std::size_t kBytes = 8192;

Ring make_ring(const TestDirectories& directories) {
  return Ring::create(directories.run(), kIdentity, kBytes).value();
}

std::string path_of(const TestDirectories& directories) {
  return join_path(directories.run(), ring_name(kIdentity.id));
}

}  // namespace

static void ring_of_a_living_worker_cannot_be_locked(void**) {
  TestDirectories directories;
  std::optional<Ring> worker = make_ring(directories);
  Ring other = Ring::open(path_of(directories)).value();
  assert_false(other.try_lock());
  worker.reset();
  assert_true(other.try_lock());
  assert_int_equal(other.identity().partition, 6);
}

static void records_do_not_wrap(void**) {
  TestDirectories directories;
  Ring ring = make_ring(directories);
  std::memset(ring.at(kBytes - 8), 'x', 16);
  assert_memory_equal(ring.at(0), "xxxxxxxx", 8);
  assert_true(ring.at(kBytes) == ring.at(0));
}

// F03: killed after the bytes, before the position.
static void uncommitted_bytes_are_invisible(void**) {
  TestDirectories directories;
  {
    Ring ring = make_ring(directories);
    Appender appender(ring, 1 << 20);
    auto room = appender.reserve(100);
    std::memset(room.data(), 'x', room.size());
  }
  Ring dead = Ring::open(path_of(directories)).value();
  assert_int_equal(dead.header().committed.load(), 0);
}

static void appender_never_overwrites_what_is_not_durable(void**) {
  TestDirectories directories;
  Ring ring = make_ring(directories);
  Appender appender(ring, 1 << 20);
  std::size_t size = record_size(1000);
  for (std::size_t used = 0; used + size <= kBytes; used += size) {
    assert_true(appender.reserve(1000).data() != nullptr);
    appender.commit(1000);
  }
  assert_true(appender.reserve(1000).data() == nullptr);
  ring.header().durable.store(size);
  assert_true(appender.reserve(1000).data() != nullptr);
  appender.commit(1000);
  assert_true(appender.reserve(1000).data() == nullptr);
}

static void size_is_rounded_up_to_a_power_of_two(void**) {
  TestDirectories directories;
  auto ring = Ring::create(directories.run(), kIdentity, 5000);
  assert_int_equal(ring->capacity(), 8192);
}

static void damaged_ring_is_refused(void**) {
  TestDirectories directories;
  { make_ring(directories); }
  for (std::streamoff offset : {0, 8, 12, 20, 56}) {
    fs::copy_file(path_of(directories), directories.run() + "/copy", fs::copy_options::overwrite_existing);
    std::fstream(directories.run() + "/copy", std::ios::in | std::ios::out | std::ios::binary).seekp(offset).put('!');
    auto ring = Ring::open(directories.run() + "/copy");
    assert_false(ring.ok());
    assert_true(ring.error().code == JournalError::Code::invalid);
  }
  fs::resize_file(path_of(directories), 6000);
  assert_false(Ring::open(path_of(directories)).ok());
}

static void impossible_positions_are_not_mapped(void**) {
  TestDirectories directories;
  { make_ring(directories); }
  Ring ring = Ring::open(path_of(directories)).value();
  ring.header().committed.store(kBytes + 16);  // more than fits behind durable
  assert_true(ring.try_lock());
  assert_int_equal(ring.map_records(), EBADMSG);
}

static void half_made_ring_of_a_killed_worker_is_removed(void**) {
  TestDirectories directories;
  std::string left = join_path(directories.run(), temporary_name({9}, 0));
  std::ofstream{left};
  fs::last_write_time(left, fs::file_time_type::clock::now() - std::chrono::minutes(2));
  Ring ring = make_ring(directories);
  assert_false(fs::exists(left));
}

static void ring_that_another_worker_is_making_is_left_alone(void**) {
  TestDirectories directories;
  std::string making = join_path(directories.run(), temporary_name({9}, 0));
  std::ofstream{making};
  Ring ring = make_ring(directories);
  assert_true(fs::exists(making));
}

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(ring_of_a_living_worker_cannot_be_locked),
      cmocka_unit_test(records_do_not_wrap),
      cmocka_unit_test(uncommitted_bytes_are_invisible),
      cmocka_unit_test(appender_never_overwrites_what_is_not_durable),
      cmocka_unit_test(size_is_rounded_up_to_a_power_of_two),
      cmocka_unit_test(damaged_ring_is_refused),
      cmocka_unit_test(impossible_positions_are_not_mapped),
      cmocka_unit_test(half_made_ring_of_a_killed_worker_is_removed),
      cmocka_unit_test(ring_that_another_worker_is_making_is_left_alone),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
