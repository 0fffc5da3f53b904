#include "core/state/worker_slot.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <thread>
#include <vector>

#include "core/base/test_directory.h"

#include "core/base/cmocka.h"

namespace tributary {
namespace {

constexpr std::uint64_t kNow = 1'800'000'000'000;

std::unique_ptr<WorkerSlot> lease(const TestDirectory& run) {
  auto slot = WorkerSlot::lease(run.path(), "");
  if (!slot) {
    fail_msg("%s", slot.error().message.c_str());
  }
  return std::move(slot).value();
}

// A child that does `work`, reports by one byte that it is done, and then waits to be killed.
class Child {
 public:
  explicit Child(const std::function<void()>& work) {
    int ends[2];
    assert_int_equal(::pipe(ends), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      work();
      (void)!::write(ends[1], "x", 1);
      for (;;) {
        ::pause();
      }
    }
    ::close(ends[1]);
    char byte = 0;
    assert_int_equal(::read(ends[0], &byte, 1), 1);
    ::close(ends[0]);
  }
  ~Child() { kill(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void kill() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
      pid_ = -1;
    }
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

void slots_are_leased_from_the_lowest_and_freed(void**) {
  const TestDirectory run;
  const auto first = lease(run);
  auto second = lease(run);
  const auto third = lease(run);
  assert_int_equal(first->number(), 0);
  assert_int_equal(second->number(), 1);
  assert_int_equal(third->number(), 2);
  second.reset();
  assert_int_equal(lease(run)->number(), 1);
}

void a_killed_worker_frees_its_slot_and_its_successor_goes_on_behind_it(void**) {
  const TestDirectory run;
  std::uint64_t last = 0;
  int ends[2];
  assert_int_equal(::pipe(ends), 0);
  Child child([&] {
    auto slot = WorkerSlot::lease(run.path(), "");
    std::uint64_t stamp = 0;
    for (int i = 0; i < 1000; ++i) {
      stamp = (*slot)->next_stamp(kNow);
    }
    (void)!::write(ends[1], &stamp, sizeof(stamp));
    static std::unique_ptr<WorkerSlot> kept = std::move(slot).value();
  });
  assert_int_equal(::read(ends[0], &last, sizeof(last)), sizeof(last));
  ::close(ends[0]);
  ::close(ends[1]);
  assert_int_equal(lease(run)->number(), 1);
  child.kill();
  const auto heir = lease(run);
  assert_int_equal(heir->number(), 0);
  assert_true(heir->next_stamp(kNow) > last);
  assert_true(heir->next_stamp(kNow - 60'000) > last + 1);
}

void stamps_never_repeat_and_never_go_back(void**) {
  const TestDirectory run;
  const auto slot = lease(run);
  std::uint64_t last = 0;
  for (std::uint64_t i = 0; i < 200'000; ++i) {
    const std::uint64_t stamp = slot->next_stamp(kNow + i / 1000 - (i % 7 == 0 ? 3000 : 0));
    assert_true(stamp > last);
    last = stamp;
  }
}

void a_slot_that_is_ahead_of_the_clock_is_passed_over_while_there_is_another(void**) {
  const TestDirectory run;
  auto slot = lease(run);
  const std::uint64_t ahead = slot->next_stamp(kNow + 3'600'000);
  assert_true(slot->is_ahead_of(kNow));
  assert_false(slot->is_ahead_of(kNow + 3'600'000));
  slot.reset();
  auto other = WorkerSlot::lease(run.path(), "", kNow).value();
  assert_int_equal(other->number(), 1);
  assert_true(other->next_stamp(kNow) < ahead);
  assert_int_equal(WorkerSlot::lease(run.path(), "", kNow + 3'600'000).value()->number(), 0);
}

void live_slots_shows_who_is_alive_and_what_they_serve(void**) {
  const TestDirectory run;
  assert_true(live_slots(run.path()).empty());
  const auto own = lease(run);
  own->acknowledge(77);
  Child child([&] {
    static auto slot = WorkerSlot::lease(run.path(), "");
    (*slot)->acknowledge(78);
  });
  const auto both = live_slots(run.path());
  assert_int_equal(both.size(), 2);
  assert_int_equal(both[0].pid, ::getpid());
  assert_int_equal(both[0].generation, 77);
  assert_int_equal(both[1].number, 1);
  assert_int_equal(both[1].pid, child.pid());
  assert_int_equal(both[1].generation, 78);
  child.kill();
  assert_int_equal(live_slots(run.path()).size(), 1);
}

void a_new_holder_has_acknowledged_nothing(void**) {
  const TestDirectory run;
  lease(run)->acknowledge(5);
  const auto slot = lease(run);
  assert_int_equal(live_slots(run.path())[0].generation, 0);
}

void asking_who_is_alive_never_disturbs_a_lease(void**) {
  const TestDirectory run;
  lease(run);
  std::atomic<bool> stop{false};
  std::thread watcher([&] {
    while (!stop.load()) {
      live_slots(run.path());
    }
  });
  for (int i = 0; i < 2000; ++i) {
    assert_int_equal(lease(run)->number(), 0);
  }
  stop.store(true);
  watcher.join();
}

void all_slots_taken_is_an_error_that_says_so(void**) {
  const TestDirectory run;
  std::vector<std::unique_ptr<WorkerSlot>> all;
  for (std::uint32_t i = 0; i < kSlotCount; ++i) {
    all.push_back(lease(run));
  }
  const auto none = WorkerSlot::lease(run.path(), "");
  assert_false(none.ok());
  assert_true(none.error().message.find("all 256 worker slots") != std::string::npos);
}

void a_foreign_slot_file_is_passed_over(void**) {
  const TestDirectory run;
  lease(run);
  std::ofstream(run.path() + "/slots/000") << std::string(100, 'x');
  assert_int_equal(lease(run)->number(), 1);
}

std::unique_ptr<WorkerSlot> lease(const TestDirectory& run, const TestDirectory& disk) {
  return WorkerSlot::lease(run.path(), disk.path()).value();
}

void empty(const TestDirectory& run) {
  for (const auto& entry : std::filesystem::directory_iterator(run.path())) {
    std::filesystem::remove_all(entry.path());
  }
}

void a_run_directory_that_was_emptied_gives_no_number_twice(void**) {
  const TestDirectory run, disk;
  const auto first = lease(run, disk);
  assert_true(first->keep() == WorkerSlot::Standing::sound);
  empty(run);
  assert_true(first->keep() == WorkerSlot::Standing::displaced);
  const auto second = lease(run, disk);
  assert_int_equal(second->number(), 1);
  assert_true(second->keep() == WorkerSlot::Standing::sound);
}

void another_run_directory_gives_no_number_twice(void**) {
  const TestDirectory run, other, disk;
  const auto first = lease(run, disk);
  assert_int_equal(lease(other, disk)->number(), 1);
}

void who_takes_a_number_in_an_empty_run_directory_goes_on_behind_its_last_holder(void**) {
  const TestDirectory run, disk;
  auto slot = lease(run, disk);
  const std::uint64_t last = slot->next_stamp(kNow);
  slot.reset();
  empty(run);
  slot = lease(run, disk);
  assert_int_equal(slot->number(), 0);
  assert_true(slot->next_stamp(kNow - 60'000) > last);
}

void a_killed_holder_is_followed_from_where_it_was_seen_last(void**) {
  const TestDirectory run, disk;
  Child child([&] {
    static auto slot = WorkerSlot::lease(run.path(), disk.path()).value();
    slot->next_stamp(kNow);
    slot->keep();
  });
  child.kill();
  empty(run);
  assert_true(lease(run, disk)->next_stamp(kNow - 60'000) > kNow << 16);
}

void a_number_that_another_took_on_disk_is_disputed(void**) {
  const TestDirectory run, other, disk;
  const auto first = lease(run, disk);
  empty(disk);
  const auto second = lease(other, disk);
  assert_int_equal(second->number(), 0);
  assert_true(first->keep() == WorkerSlot::Standing::disputed);
  assert_true(second->keep() == WorkerSlot::Standing::sound);
}

void without_a_disk_there_are_slots_all_the_same(void**) {
  const TestDirectory run, disk;
  const std::string later = disk.path() + "/later";
  const auto slot = WorkerSlot::lease(run.path(), later).value();
  assert_int_equal(slot->number(), 0);
  assert_true(slot->keep() == WorkerSlot::Standing::sound);
  std::filesystem::create_directory(later);
  assert_true(slot->keep() == WorkerSlot::Standing::sound);
  assert_true(std::filesystem::exists(later + "/000.slot"));
}

void a_missing_run_directory_is_an_error_with_its_name(void**) {
  const auto slot = WorkerSlot::lease("/nonexistent/run", "");
  assert_int_equal(slot.error().system_error, ENOENT);
  assert_true(slot.error().message.starts_with("/nonexistent/run/slots"));
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(slots_are_leased_from_the_lowest_and_freed),
      cmocka_unit_test(a_killed_worker_frees_its_slot_and_its_successor_goes_on_behind_it),
      cmocka_unit_test(stamps_never_repeat_and_never_go_back),
      cmocka_unit_test(a_slot_that_is_ahead_of_the_clock_is_passed_over_while_there_is_another),
      cmocka_unit_test(live_slots_shows_who_is_alive_and_what_they_serve),
      cmocka_unit_test(a_new_holder_has_acknowledged_nothing),
      cmocka_unit_test(asking_who_is_alive_never_disturbs_a_lease),
      cmocka_unit_test(all_slots_taken_is_an_error_that_says_so),
      cmocka_unit_test(a_foreign_slot_file_is_passed_over),
      cmocka_unit_test(a_run_directory_that_was_emptied_gives_no_number_twice),
      cmocka_unit_test(another_run_directory_gives_no_number_twice),
      cmocka_unit_test(who_takes_a_number_in_an_empty_run_directory_goes_on_behind_its_last_holder),
      cmocka_unit_test(a_killed_holder_is_followed_from_where_it_was_seen_last),
      cmocka_unit_test(a_number_that_another_took_on_disk_is_disputed),
      cmocka_unit_test(without_a_disk_there_are_slots_all_the_same),
      cmocka_unit_test(a_missing_run_directory_is_an_error_with_its_name),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
