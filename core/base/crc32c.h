#pragma once

#include <cstddef>
#include <cstdint>

namespace tributary {

// CRC32C (Castagnoli). `seed` is 0 or the result for what comes before: crc32c(crc32c(0, a), b) is that of a followed
// by b. Uses SSE4.2 where the processor has it.
std::uint32_t crc32c(std::uint32_t seed, const void* data, std::size_t size) noexcept;

// The same by tables, for processors without the instruction and for tests.
std::uint32_t crc32c_portable(std::uint32_t seed, const void* data, std::size_t size) noexcept;

}  // namespace tributary
