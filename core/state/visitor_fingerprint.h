#pragma once

#include <xxhash.h>

#include <cstdint>

namespace tributary {

enum class SeenScope : std::uint32_t { stream = 1, campaign = 2, global = 3, destination = 4 };

// What a visitor is remembered by in one scope: `key` is Visitor::key(), `id` that of the stream, campaign or
// destination; for global it is a number that all who share the scope have in common.
inline std::uint64_t visitor_fingerprint(std::uint64_t key, SeenScope scope, std::uint64_t id) noexcept {
  const std::uint64_t words[] = {key, static_cast<std::uint64_t>(scope), id};
  return ::XXH3_64bits(words, sizeof(words));
}

}  // namespace tributary
