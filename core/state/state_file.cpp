#include "core/state/state_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/base/fd.h"
#include "core/state/file_lock.h"
#include "core/state/table_growth.h"

namespace tributary {
namespace {

constexpr std::uint64_t kMagic = 0x3153'5441'5453'4254;  // "TBSTATS1"
constexpr std::uint32_t kLockTimeoutMs = 5000;
constexpr std::uint64_t kTableAlignment = 2u << 20;

constexpr std::uint64_t aligned(std::uint64_t bytes) {
  return (bytes + kTableAlignment - 1) / kTableAlignment * kTableAlignment;
}

std::uint64_t end_of(const StateTableEntry& entry) {
  return entry.offset + entry.capacity * entry.record_bytes;
}

// Opening happens in steps that may end at any point, also by kill -9: the magic is written last, a table counts only
// once `tables` includes it, and a record only once `records` does.
class Opener {
 public:
  explicit Opener(const std::string& path) : path_(path) {}

  std::string open(std::span<const StateTableRequest> requests, MappedFile& mapping) {
    fd_.reset(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd_.valid()) {
      return system_message("cannot be opened");
    }
    const FileLock lock = FileLock::wait(fd_.get(), kLockTimeoutMs);
    if (!lock.held()) {
      return system_message("is locked by another process that is starting");
    }
    if (!read_header()) {
      return problem_;
    }
    for (const StateTableRequest& request : requests) {
      if (!add_table(request)) {
        return problem_;
      }
    }
    if (!write_directory()) {
      return problem_;
    }
    mapping = MappedFile::map(fd_.get(), file_bytes_, MappedFile::Access::read_write);
    if (!mapping.valid()) {
      return system_message("cannot be mapped");
    }
    for (const StateTableRequest& request : requests) {
      if (!grow_table(request, mapping)) {
        return problem_;
      }
    }
    return {};
  }

  int system_error() const noexcept { return system_error_; }

 private:
  std::string system_message(std::string_view what) {
    system_error_ = errno;
    return path_ + " " + std::string(what) + ": " + std::strerror(system_error_);
  }

  bool fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  bool incompatible(const std::string& what) {
    return fail(
        path_ + " " + what +
        "; stop every nginx that uses this tributary_run_path, remove the file and start again (rotation, counters "
        "and what was remembered begin anew; capped destinations stay closed until admin-api has sent their "
        "totals)");
  }

  // A file without magic is new, or its maker died before it was complete: nobody uses it.
  bool read_header() {
    struct stat status {};
    if (::fstat(fd_.get(), &status) != 0) {
      return fail(system_message("cannot be read"));
    }
    file_bytes_ = static_cast<std::uint64_t>(status.st_size);
    const ssize_t got = ::pread(fd_.get(), &header_, sizeof(header_), 0);
    if (got != static_cast<ssize_t>(sizeof(header_)) || header_.magic == 0) {
      header_ = {};
      header_.layout = kStateLayout;
      return true;
    }
    if (header_.magic != kMagic) {
      return incompatible("is not a state file");
    }
    if (header_.layout != kStateLayout) {
      return incompatible("has layout " + std::to_string(header_.layout) + ", this build needs layout " +
                          std::to_string(kStateLayout));
    }
    if (header_.tables > kMaxStateTables) {
      return incompatible("is damaged");
    }
    for (std::uint32_t i = 0; i < header_.tables; ++i) {
      const StateTableEntry& entry = header_.directory[i];
      if (entry.offset < kStateHeaderBytes || entry.offset > file_bytes_ || entry.record_bytes == 0 ||
          entry.records > entry.capacity || entry.capacity > (file_bytes_ - entry.offset) / entry.record_bytes) {
        return incompatible("is damaged");
      }
    }
    return true;
  }

  StateTableEntry* find(StateTable kind) {
    const auto end = header_.directory + header_.tables;
    const auto found = std::find_if(header_.directory, end, [&](const StateTableEntry& entry) {
      return entry.kind == static_cast<std::uint32_t>(kind);
    });
    return found == end ? nullptr : found;
  }

  bool add_table(const StateTableRequest& request) {
    const StateTableEntry* known = find(request.kind);
    if (known != nullptr) {
      if (known->record_bytes != request.record_bytes) {
        return incompatible("has another layout of the table of " + std::string(request.setting));
      }
    } else {
      if (header_.tables == kMaxStateTables) {
        return incompatible("has no room for another table");
      }
      std::uint64_t offset = aligned(kStateHeaderBytes);
      for (std::uint32_t i = 0; i < header_.tables; ++i) {
        offset = std::max(offset, aligned(end_of(header_.directory[i])));
      }
      header_.directory[header_.tables++] = {static_cast<std::uint32_t>(request.kind), request.record_bytes, offset,
                                             request.capacity, 0};
      known = &header_.directory[header_.tables - 1];
    }
    if (request.records > known->capacity) {
      return fail(std::string(request.setting) + ": " + std::to_string(request.records) + " records are more than " +
                  std::to_string(known->capacity) + ", the largest possible");
    }
    file_bytes_ = std::max(file_bytes_, end_of(*known));
    return true;
  }

  // New entries first, then how many there are, then the magic; existing words are left as they are, because others
  // may be using them.
  bool write_directory() {
    const bool sized = ::ftruncate(fd_.get(), static_cast<off_t>(file_bytes_)) == 0 && allocate(0, kStateHeaderBytes);
    if (!sized) {
      return fail(system_message("cannot be enlarged"));
    }
    StateFileHeader current{};
    const ssize_t got = ::pread(fd_.get(), &current, sizeof(current), 0);
    const std::uint32_t known =
        got == static_cast<ssize_t>(sizeof(current)) && current.magic == kMagic ? current.tables : 0;
    header_.magic = kMagic;
    const auto write = [&](const void* bytes, std::size_t size, std::size_t at) {
      return ::pwrite(fd_.get(), bytes, size, static_cast<off_t>(at)) == static_cast<ssize_t>(size);
    };
    const std::uint32_t counts[] = {header_.layout, header_.tables};
    const std::size_t added = (header_.tables - known) * sizeof(StateTableEntry);
    const bool written = write(&header_.directory[known], added,
                               offsetof(StateFileHeader, directory) + known * sizeof(StateTableEntry)) &&
                         write(counts, sizeof(counts), offsetof(StateFileHeader, layout)) &&
                         write(&header_.magic, sizeof(header_.magic), 0);
    return written || fail(system_message("cannot be written"));
  }

  // Allocates the blocks, so that touching them later cannot fail (on a full tmpfs it would be SIGBUS).
  bool allocate(std::uint64_t offset, std::uint64_t bytes) {
    return ::fallocate(fd_.get(), 0, static_cast<off_t>(offset), static_cast<off_t>(bytes)) == 0 || errno == EOPNOTSUPP;
  }

  bool grow_table(const StateTableRequest& request, MappedFile& mapping) {
    const StateTableEntry& known = *find(request.kind);
    auto& header = *reinterpret_cast<StateFileHeader*>(mapping.data());
    StateTableEntry& entry = header.directory[&known - header_.directory];
    const std::span<char> table(mapping.data() + entry.offset, entry.capacity * entry.record_bytes);
    TableGrowth growth(request, header, entry, table);
    growth.complete_interrupted();
    if (!growth.needed()) {
      return true;  // a smaller size is granted once the file was removed
    }
    if (!allocate(entry.offset, request.records * entry.record_bytes)) {
      return fail(system_message("has no room for the " + std::to_string(request.records) + " records of " +
                                 request.setting +
                                 ": make the file system of tributary_run_path larger "
                                 "or the table smaller"));
    }
    growth.run();
    return true;
  }

  const std::string& path_;
  Fd fd_;
  StateFileHeader header_{};
  std::uint64_t file_bytes_ = 0;
  std::string problem_;
  int system_error_ = 0;
};

}  // namespace

Result<StateFile, StateError> StateFile::open(const std::string& path, std::span<const StateTableRequest> requests) {
  StateFile file;
  Opener opener(path);
  std::string problem = opener.open(requests, file.mapping_);
  if (!problem.empty()) {
    return StateError{opener.system_error(), std::move(problem)};
  }
  return file;
}

StateTableEntry& StateFile::entry(StateTable kind) const noexcept {
  StateFileHeader& all = header();
  std::uint32_t i = 0;
  while (i + 1 < all.tables && all.directory[i].kind != static_cast<std::uint32_t>(kind)) {
    ++i;
  }
  return all.directory[i];
}

char* StateFile::table(StateTable kind) const noexcept {
  return mapping_.data() + entry(kind).offset;
}

}  // namespace tributary
