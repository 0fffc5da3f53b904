#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "core/base/random.h"
#include "core/state/cap_table.h"
#include "core/state/test_memory.h"

#include "core/base/cmocka.h"

// Several processes with several threads take from the same caps while windows change, clocks disagree, takes are
// given back and processes are killed. What was admitted is tallied beside the table: after a take, before a giving
// back, so at any moment the tally is at most what the table must have counted.
namespace tributary {
namespace {

constexpr std::uint32_t kSlots = 3;
constexpr std::uint32_t kWindows = 30;
constexpr std::uint32_t kLimits[kSlots] = {1, 97, 2000};
constexpr int kProcesses = 4;
constexpr int kThreads = 2;

struct Scene {
  std::atomic<std::uint32_t> window;
  std::atomic<bool> exceeded;
  std::atomic<std::uint32_t> tally[kSlots][kWindows];
};

CapTable table_of(const TestMemory<CapRecord>& memory) {
  return {memory.records(), memory.entry(), memory.header()};
}

void take_and_tally(CapTable& caps, Scene& scene, SplitMix64& random) {
  const std::uint32_t window = scene.window.load(std::memory_order_relaxed);
  const auto slot = static_cast<std::uint32_t>(random.below(kSlots));
  // This worker's clock may be one window behind.
  const std::uint32_t seen = window > 0 && random.below(8) == 0 ? window - 1 : window;
  if (caps.take(slot, seen, kLimits[slot]) != CapTake::taken) {
    return;
  }
  if (scene.tally[slot][seen].fetch_add(1) + 1 > kLimits[slot]) {
    scene.exceeded.store(true);
  }
  if (random.below(4) == 0) {
    scene.tally[slot][seen].fetch_sub(1);
    caps.give_back(slot, seen);
  }
}

[[noreturn]] void worker_process(const TestMemory<CapRecord>& memory, Scene& scene, std::uint64_t seed) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      CapTable caps = table_of(memory);
      SplitMix64 random(seed * 100 + static_cast<std::uint64_t>(i));
      for (;;) {
        take_and_tally(caps, scene, random);
      }
    });
  }
  for (;;) {
    ::pause();
  }
}

class Workers {
 public:
  Workers(const TestMemory<CapRecord>& memory, Scene& scene) : memory_(memory), scene_(scene) {
    for (pid_t& pid : pids_) {
      pid = start();
    }
  }
  ~Workers() {
    for (const pid_t pid : pids_) {
      end(pid);
    }
  }
  void kill_one() {
    pid_t& pid = pids_[++kills_ % kProcesses];
    end(pid);
    pid = start();
  }
  // Of each that was killed, each thread may have taken one that it did not tally.
  std::uint32_t largest_leak() const { return (kills_ + kProcesses) * kThreads; }

 private:
  pid_t start() {
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // also when the test fails
      worker_process(memory_, scene_, ++seed_);
    }
    ++seed_;
    return pid;
  }
  static void end(pid_t pid) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }

  const TestMemory<CapRecord>& memory_;
  Scene& scene_;
  std::array<pid_t, kProcesses> pids_{};
  std::uint32_t kills_ = 0;
  std::uint64_t seed_ = 1;
};

bool all_full(const CapTable& caps, std::uint32_t window) {
  for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
    if (caps.count(slot, window) < kLimits[slot]) {
      return false;
    }
  }
  return true;
}

void wait_until_full(const CapTable& caps, std::uint32_t window) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!all_full(caps, window)) {
    assert_true(std::chrono::steady_clock::now() < deadline);
    std::this_thread::yield();
  }
}

void no_cap_is_exceeded_by_even_one_and_a_kill_costs_at_most_one_each(void**) {
  const TestMemory<CapRecord> memory(kSlots);
  const TestMemory<Scene> scenes(1);
  Scene& scene = *scenes.records();
  CapTable caps = table_of(memory);
  caps.begin_life(1);
  caps.restore(caps.life(), {});
  Workers workers(memory, scene);
  for (std::uint32_t window = 0; window < kWindows; ++window) {
    scene.window.store(window);
    if (window % 2 == 0) {
      workers.kill_one();
    }
    wait_until_full(caps, window);
  }
  for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
    for (std::uint32_t window = 0; window + 1 < kWindows; ++window) {
      const std::uint32_t admitted = scene.tally[slot][window].load();
      assert_true(admitted <= kLimits[slot]);
      // Two were in flight in each thread when the window changed: one given back, one not yet tallied.
      assert_true(admitted + workers.largest_leak() + 2 * kProcesses * kThreads >= kLimits[slot]);
    }
  }
  assert_false(scene.exceeded.load());
}

void threads_of_one_process_share_a_cap_exactly(void**) {
  const TestMemory<CapRecord> memory(1);
  CapTable caps = table_of(memory);
  caps.begin_life(1);
  caps.restore(caps.life(), {});
  constexpr std::uint32_t kLimit = 10'000;
  for (std::uint32_t window = 0; window < 5; ++window) {
    std::atomic<std::uint32_t> admitted{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        CapTable own = table_of(memory);
        for (std::uint32_t n = 0; n < kLimit; ++n) {
          admitted += own.take(0, window, kLimit) == CapTake::taken ? 1 : 0;
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    assert_int_equal(admitted.load(), kLimit);
  }
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(no_cap_is_exceeded_by_even_one_and_a_kill_costs_at_most_one_each),
      cmocka_unit_test(threads_of_one_process_share_a_cap_exactly),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
