#include "core/journal/ring.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <ctime>
#include <new>
#include <string_view>
#include <vector>

#include "core/base/crc32c.h"
#include "core/journal/directory_names.h"
#include "core/journal/names.h"

namespace tributary {
namespace {

constexpr std::uint64_t kRingMagic = 0x31474e52'42495254;  // "TRIBRNG1"
constexpr std::uint32_t kByteOrderMark = 0x01020304;
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kMinRingBytes = 4096;
constexpr std::size_t kMaxRingBytes = std::size_t{1} << 32;
// The group may adopt and flush it: the ingestor can run as another user.
constexpr mode_t kMode = 0660;

std::uint32_t constant_crc(const RingHeader& header) noexcept {
  std::uint32_t crc = crc32c(0, &header.magic, sizeof(header.magic));
  crc = crc32c(crc, &header.byte_order, sizeof(header.byte_order));
  crc = crc32c(crc, &header.version, sizeof(header.version));
  crc = crc32c(crc, &header.identity.id, sizeof(header.identity.id));
  crc = crc32c(crc, &header.identity.edge, sizeof(header.identity.edge));
  crc = crc32c(crc, &header.identity.slot, sizeof(header.identity.slot));
  crc = crc32c(crc, &header.identity.partition, sizeof(header.identity.partition));
  crc = crc32c(crc, &header.identity.created_ms, sizeof(header.identity.created_ms));
  return crc32c(crc, &header.ring_bytes, sizeof(header.ring_bytes));
}

void initialise(char* page, const JournalIdentity& identity, std::size_t bytes) noexcept {
  auto* header = new (page) RingHeader{};
  header->magic = kRingMagic;
  header->byte_order = kByteOrderMark;
  header->version = kVersion;
  header->identity = identity;
  header->ring_bytes = bytes;
  header->constant_crc = constant_crc(*header);
}

bool is_sound(const RingHeader& header, std::uint64_t file_size) noexcept {
  if (header.magic != kRingMagic || header.byte_order != kByteOrderMark || header.version != kVersion) return false;
  if (header.constant_crc != constant_crc(header)) return false;
  return std::has_single_bit(header.ring_bytes) && header.ring_bytes <= kMaxRingBytes &&
         header.ring_bytes % kMinRingBytes == 0 && file_size == kRingHeaderSize + header.ring_bytes;
}

bool positions_sound(const RingHeader& header) noexcept {
  Position durable = header.durable.load(std::memory_order_acquire);
  Position committed = header.committed.load(std::memory_order_acquire);
  return durable <= committed && committed - durable <= header.ring_bytes && durable % kRecordAlignment == 0 &&
         committed % kRecordAlignment == 0;
}

// Making a ring takes milliseconds. A younger file may be that of a worker between its open() and its lock.
constexpr std::time_t kAbandonedAfterS = 60;

bool is_abandoned(int fd) noexcept {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || ::time(nullptr) - status.st_mtime < kAbandonedAfterS) return false;
  return ::flock(fd, LOCK_EX | LOCK_NB) == 0;
}

// A worker killed while it made its ring leaves it under the temporary name, without a lock.
void remove_abandoned(const std::string& run_path) {
  std::vector<std::string> names;
  list_directory(run_path, names);
  for (const std::string& name : names) {
    if (!name.ends_with(".tmp") || !parse_journal_id(std::string_view(name).substr(0, kJournalIdTextSize))) continue;
    std::string path = join_path(run_path, name);
    Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (fd.valid() && is_abandoned(fd.get())) ::unlink(path.c_str());
  }
}

int allocate(int fd, std::size_t size) noexcept {
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0 || ::fchmod(fd, kMode) != 0) return errno;
  return ::posix_fallocate(fd, 0, static_cast<off_t>(size));
}

}  // namespace

Ring::Ring(Fd fd, MappedFile map, std::string path) noexcept
    : fd_(std::move(fd)), map_(std::move(map)), path_(std::move(path)) {}

Result<Ring, JournalError> Ring::create(const std::string& run_path, const JournalIdentity& identity,
                                        std::size_t bytes) {
  if (bytes > kMaxRingBytes) return journal_error(EINVAL, "a ring larger than 4 GiB in", run_path);
  bytes = std::bit_ceil(std::max(bytes, kMinRingBytes));
  remove_abandoned(run_path);
  std::string temporary = join_path(run_path, temporary_name(identity.id, 0));
  std::string path = join_path(run_path, ring_name(identity.id));
  Fd fd(::open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kMode));
  if (!fd.valid()) return journal_error(errno, "cannot create ring", temporary);

  // Locked and complete before it has its name: nobody ever sees an unlocked ring of a living worker.
  int error = allocate(fd.get(), kRingHeaderSize + bytes);
  MappedFile map;
  if (error == 0) {
    map = MappedFile::map_ring(fd.get(), kRingHeaderSize, bytes);
    if (!map.valid()) error = errno;
  }
  if (error == 0) {
    initialise(map.data(), identity, bytes);
    if (::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  }
  if (error != 0) {
    ::unlink(temporary.c_str());
    return journal_error(error, "cannot create ring", path);
  }
  Ring ring(std::move(fd), std::move(map), path);
  ring.capacity_ = bytes;
  return ring;
}

Result<Ring, JournalError> Ring::open(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd.valid()) return journal_error(errno, "cannot open ring", path);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return journal_error(errno, "cannot open ring", path);
  JournalError invalid{JournalError::Code::invalid, 0, path + " is not a ring of this version; remove it"};
  auto size = static_cast<std::uint64_t>(status.st_size);
  if (!S_ISREG(status.st_mode) || size < kRingHeaderSize) return invalid;
  MappedFile map = MappedFile::map(fd.get(), kRingHeaderSize, MappedFile::Access::read_write);
  if (!map.valid()) return journal_error(errno, "cannot map ring", path);
  Ring ring(std::move(fd), std::move(map), path);
  if (!is_sound(ring.header(), size)) return invalid;
  return ring;
}

bool Ring::try_lock() noexcept {
  return ::flock(fd_.get(), LOCK_EX | LOCK_NB) == 0;
}

int Ring::map_records() noexcept {
  if (!positions_sound(header())) return EBADMSG;
  std::size_t bytes = header().ring_bytes;
  MappedFile whole = MappedFile::map_ring(fd_.get(), kRingHeaderSize, bytes);
  if (!whole.valid()) return errno;
  map_ = std::move(whole);
  capacity_ = bytes;
  return 0;
}

void Ring::unlink() noexcept {
  ::unlink(path_.c_str());
}

}  // namespace tributary
