#pragma once

#include <cstddef>
#include <span>

namespace tributary {

// Bump allocator over memory of the caller (a chunk of r->pool, a stack buffer): where decoded values go. What was
// taken lives as long as that memory.
class Arena {
 public:
  explicit Arena(std::span<char> memory) noexcept : free_(memory) {}

  // Empty when there is not enough.
  std::span<char> take(std::size_t n) noexcept {
    if (n > free_.size()) {
      return {};
    }
    const std::span<char> taken = free_.first(n);
    free_ = free_.subspan(n);
    return taken;
  }
  std::span<char> rest() const noexcept { return free_; }

 private:
  std::span<char> free_;
};

}  // namespace tributary
