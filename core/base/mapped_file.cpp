#include "core/base/mapped_file.h"

#include <sys/mman.h>
#include <sys/types.h>

namespace tributary {

MappedFile MappedFile::map(int fd, std::size_t size, Access access) noexcept {
  int protection = access == Access::read ? PROT_READ : PROT_READ | PROT_WRITE;
  void* address = ::mmap(nullptr, size, protection, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED) return {};
  return MappedFile({static_cast<char*>(address), size});
}

MappedFile MappedFile::map_ring(int fd, std::size_t size, std::size_t repeat) noexcept {
  void* reserved = ::mmap(nullptr, size + 2 * repeat, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (reserved == MAP_FAILED) return {};
  MappedFile whole({static_cast<char*>(reserved), size + 2 * repeat});
  // Populated: the first lap of the ring must not fault page by page.
  constexpr int kFlags = MAP_SHARED | MAP_FIXED | MAP_POPULATE;
  constexpr int kProtection = PROT_READ | PROT_WRITE;
  if (::mmap(whole.data(), size + repeat, kProtection, kFlags, fd, 0) == MAP_FAILED) return {};
  void* second = whole.data() + size + repeat;
  if (::mmap(second, repeat, kProtection, kFlags, fd, static_cast<off_t>(size)) == MAP_FAILED) return {};
  return whole;
}

MappedFile::~MappedFile() {
  if (valid()) ::munmap(bytes_.data(), bytes_.size());
}

}  // namespace tributary
