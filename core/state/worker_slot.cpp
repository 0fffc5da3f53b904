#include "core/state/worker_slot.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

#include "core/base/clock.h"
#include "core/base/fd.h"
#include "core/base/mapped_file.h"
#include "core/base/named_file.h"
#include "core/click_id/click_id.h"
#include "core/state/number_sequence.h"
#include "core/state/record_lock.h"
#include "core/state/slot_anchor.h"

namespace tributary {
namespace {

constexpr std::uint64_t kMagic = 0x3154'4f4c'5353'4254;  // "TBSSLOT1": the digit is the version

struct Page {
  std::uint64_t magic;  // written last by whoever makes the file
  std::uint64_t stamp;
  std::uint64_t generation;
  std::uint64_t pid;
};

std::atomic_ref<std::uint64_t> word(std::uint64_t& value) noexcept {
  return std::atomic_ref<std::uint64_t>(value);
}

std::string slot_directory(const std::string& run_path) {
  return run_path + "/slots";
}

std::string slot_path(const std::string& run_path, std::uint32_t number) {
  char name[8];
  std::snprintf(name, sizeof(name), "/%03u", number);
  return slot_directory(run_path) + name;
}

WorkerSlot::Error error(const std::string& path) {
  const int code = errno;
  return {code, path + ": " + std::strerror(code)};
}

// Maps the page of a slot whose lock is held. Not valid with errno 0 when the file belongs to something else.
MappedFile map_page(int fd) noexcept {
  struct stat status {};
  if (::fstat(fd, &status) != 0 ||
      (status.st_size < static_cast<off_t>(sizeof(Page)) && ::posix_fallocate(fd, 0, sizeof(Page)) != 0)) {
    return {};
  }
  MappedFile mapping = MappedFile::map(fd, sizeof(Page), MappedFile::Access::read_write);
  if (!mapping.valid()) {
    return {};
  }
  auto& page = *reinterpret_cast<Page*>(mapping.data());
  if (page.magic == 0) {
    page.stamp = 0;
    word(page.magic).store(kMagic, std::memory_order_release);
  }
  errno = 0;
  return page.magic == kMagic ? std::move(mapping) : MappedFile();
}

}  // namespace

struct WorkerSlot::Impl {
  std::string path;
  std::string anchor_path;
  Fd fd;  // holds the lock
  MappedFile mapping;
  SlotAnchor anchor;
  NumberSequence numbers;
  std::uint32_t number = 0;

  Page& page() const noexcept { return *reinterpret_cast<Page*>(mapping.data()); }
  std::uint64_t stamp_ms() const noexcept { return page().stamp >> 16; }

  // False when the slot is another's or its file cannot be used: `problem` says what then.
  bool take(std::optional<Error>& problem) {
    fd.reset(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd.valid()) {
      problem = error(path);
      return false;
    }
    if (!lock_description(fd.get()) || claim() == SlotAnchor::Claim::taken) {
      return false;
    }
    mapping = map_page(fd.get());
    if (!mapping.valid()) {
      problem = errno != 0 ? error(path) : Error{0, path + " is not a slot file of this version: remove it"};
      return false;
    }
    go_on_behind_anchor();
    return true;
  }

  SlotAnchor::Claim claim() noexcept { return anchor.claim(anchor_path, number); }

  void go_on_behind_anchor() noexcept {
    if (anchor.held()) {
      word(page().stamp).store(std::max(page().stamp, anchor.stamp()), std::memory_order_relaxed);
    }
  }
};

WorkerSlot::WorkerSlot(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}

Result<std::unique_ptr<WorkerSlot>, WorkerSlot::Error> WorkerSlot::lease(const std::string& run_path,
                                                                         const std::string& anchor_path,
                                                                         std::uint64_t latest_ms) {
  const std::string directory = slot_directory(run_path);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return error(directory);
  }
  auto numbers = NumberSequence::open(run_path + "/numbers", wall_clock_ms());
  if (!numbers) {
    return Error{numbers.error().system_error, numbers.error().message};
  }
  std::optional<Error> problem;
  bool passed_over = false;
  for (std::uint32_t number = 0; number < kSlotCount; ++number) {
    auto impl = std::make_unique<Impl>();
    impl->path = slot_path(run_path, number);
    impl->anchor_path = anchor_path;
    impl->number = number;
    if (!impl->take(problem)) {
      continue;
    }
    if (impl->stamp_ms() > latest_ms) {
      passed_over = true;
      continue;
    }
    impl->numbers = std::move(numbers).value();
    word(impl->page().generation).store(0, std::memory_order_relaxed);
    word(impl->page().pid).store(static_cast<std::uint64_t>(::getpid()), std::memory_order_release);
    return std::unique_ptr<WorkerSlot>(new WorkerSlot(std::move(impl)));
  }
  if (passed_over) {
    return lease(run_path, anchor_path);
  }
  return problem.value_or(
      Error{0, "all " + std::to_string(kSlotCount) + " worker slots in " + directory + " are taken"});
}

WorkerSlot::~WorkerSlot() {
  impl_->anchor.store(impl_->page().stamp);
  word(impl_->page().generation).store(0, std::memory_order_relaxed);
  word(impl_->page().pid).store(0, std::memory_order_relaxed);
}

std::uint32_t WorkerSlot::number() const noexcept {
  return impl_->number;
}

std::uint64_t WorkerSlot::next_stamp(std::uint64_t now_ms) noexcept {
  auto stamp = word(impl_->page().stamp);
  const std::uint64_t next = next_click_stamp(stamp.load(std::memory_order_relaxed), now_ms);
  stamp.store(next, std::memory_order_relaxed);
  return next;
}

bool WorkerSlot::is_ahead_of(std::uint64_t latest_ms) const noexcept {
  return impl_->stamp_ms() > latest_ms;
}

WorkerSlot::Standing WorkerSlot::keep() noexcept {
  Impl& my = *impl_;
  if (!my.anchor.held() || !my.anchor.is_named()) {
    if (my.claim() == SlotAnchor::Claim::taken) {
      return Standing::disputed;
    }
    my.go_on_behind_anchor();
  }
  my.anchor.store(my.page().stamp);
  return is_named(my.fd.get(), my.path) ? Standing::sound : Standing::displaced;
}

void WorkerSlot::acknowledge(std::uint64_t generation) noexcept {
  word(impl_->page().generation).store(generation, std::memory_order_release);
}

std::uint64_t WorkerSlot::next_number(std::uint32_t edge, std::uint64_t now_ms) noexcept {
  return impl_->numbers.next(edge, now_ms);
}

std::vector<LiveSlot> live_slots(const std::string& run_path) {
  std::vector<LiveSlot> live;
  for (std::uint32_t number = 0; number < kSlotCount; ++number) {
    const Fd fd(::open(slot_path(run_path, number).c_str(), O_RDONLY | O_CLOEXEC));
    Page page{};
    if (fd.valid() && is_locked_by_another(fd.get()) && ::pread(fd.get(), &page, sizeof(page), 0) == sizeof(page) &&
        page.magic == kMagic) {
      live.push_back({number, static_cast<std::uint32_t>(page.pid), page.generation});
    }
  }
  return live;
}

}  // namespace tributary
