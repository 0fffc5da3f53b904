#pragma once

#include <cstddef>
#include <span>
#include <utility>

namespace tributary {

// Owns one mapping. The file descriptor may be closed at once; the bytes stay until the holder goes.
class MappedFile {
 public:
  enum class Access { read, read_write };

  // The first `size` bytes of `fd`, shared. Not valid, with errno set, when the kernel refuses. The caller makes sure
  // that the file is that long and stays so: touching a page behind its end is SIGBUS.
  static MappedFile map(int fd, std::size_t size, Access access) noexcept;

  // The first `size` bytes, then `repeat` bytes from offset `size` on mapped twice, back to back and touched: a ring in
  // which every stretch of up to `repeat` bytes is contiguous. Both must be multiples of the page size.
  static MappedFile map_ring(int fd, std::size_t size, std::size_t repeat) noexcept;

  MappedFile() noexcept = default;
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  bool valid() const noexcept { return bytes_.data() != nullptr; }
  char* data() const noexcept { return bytes_.data(); }
  std::size_t size() const noexcept { return bytes_.size(); }
  std::span<const char> bytes() const noexcept { return bytes_; }

 private:
  explicit MappedFile(std::span<char> bytes) noexcept : bytes_(bytes) {}
  std::span<char> bytes_;
};

}  // namespace tributary
