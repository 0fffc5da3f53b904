#pragma once

#include <sys/mman.h>

#include <cstring>
#include <new>

#include "core/state/state_file.h"

namespace tributary {

// For tests: memory that child processes share, zeroed, with a table of `T` behind the header that tables need.
template <typename T>
class TestMemory {
 public:
  explicit TestMemory(std::size_t records) : bytes_(sizeof(Content) + records * sizeof(T)) {
    void* memory = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
      throw std::bad_alloc();
    }
    content_ = static_cast<Content*>(memory);
    content_->entry.records = records;
  }
  ~TestMemory() { ::munmap(content_, bytes_); }
  TestMemory(const TestMemory&) = delete;
  TestMemory& operator=(const TestMemory&) = delete;

  T* records() const noexcept { return reinterpret_cast<T*>(content_ + 1); }
  StateFileHeader& header() const noexcept { return content_->header; }
  StateTableEntry& entry() const noexcept { return content_->entry; }
  void clear() const noexcept {
    std::memset(&content_->header, 0, sizeof(content_->header));
    std::memset(static_cast<void*>(records()), 0, content_->entry.records * sizeof(T));
  }

 private:
  struct alignas(64) Content {
    StateFileHeader header;
    StateTableEntry entry;
  };
  std::size_t bytes_;
  Content* content_;
};

}  // namespace tributary
