#pragma once

namespace tributary {

// Asks for the cache line at `address`. GCC 12 takes a function that does nothing but this for one without effect and
// drops the calls of it; the empty asm is an effect that costs nothing.
[[gnu::always_inline]] inline void prefetch(const void* address) noexcept {
  __builtin_prefetch(address);
  asm volatile("");
}

// The same for a line that will be written.
[[gnu::always_inline]] inline void prefetch_to_write(const void* address) noexcept {
  __builtin_prefetch(address, 1);
  asm volatile("");
}

}  // namespace tributary
