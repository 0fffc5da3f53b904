#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/visitor/agent.h"

namespace tributary {

// Answers for user agents that were asked for lately, in memory of a fixed size: a ring of records, the oldest of which
// is overwritten, and a table of where they are. Not for several threads.
class AgentCache {
 public:
  // `bytes` is rounded up to a power of two, at least 64 KB; the table takes an eighth more. Memory is touched only as
  // it fills. Without memory the cache stays empty for ever.
  explicit AgentCache(std::size_t bytes, std::uint64_t seed) noexcept;

  // The views live until the next put().
  std::optional<Agent> find(std::string_view user_agent, std::uint64_t hash) const noexcept;

  // Keeps a copy of both. The agent's texts are at most 255 bytes each, the user agent at most
  // AgentRules::kMaxUserAgent. Returns the copy, or `agent` itself when there is no memory.
  Agent put(std::string_view user_agent, std::uint64_t hash, const Agent& agent) noexcept;

  // Seeded, so that nobody outside can make user agents that share a place.
  std::uint64_t hash_of(std::string_view user_agent) const noexcept;

 private:
  struct Slot {
    std::uint64_t hash;
    std::uint64_t position;  // counts all bytes ever written
  };
  struct Record;
  static constexpr std::size_t kWays = 4;
  static constexpr std::size_t kBytesPerSlot = 128;

  Slot* bucket(std::uint64_t hash) const noexcept;
  bool alive(const Slot& slot) const noexcept { return slot.position + ring_bytes_ >= head_ && slot.position != 0; }
  char* at(std::uint64_t position) const noexcept { return ring_.get() + (position & (ring_bytes_ - 1)); }
  std::uint64_t take(std::size_t size) noexcept;

  struct Free {
    void operator()(void* memory) const noexcept;
  };
  std::uint64_t seed_;
  std::size_t ring_bytes_;
  std::size_t slot_count_;
  std::unique_ptr<char, Free> ring_;
  std::unique_ptr<Slot, Free> slots_;
  std::uint64_t head_;
};

}  // namespace tributary
