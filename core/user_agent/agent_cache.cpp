#include "core/user_agent/agent_cache.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <cstring>

namespace tributary {
namespace {

constexpr std::size_t kSmallest = 64 * 1024;
constexpr std::size_t kAlignment = 8;
constexpr std::size_t kCacheLine = 64;  // holds one bucket of slots

void* zeroed(std::size_t bytes) noexcept {
  void* memory = std::aligned_alloc(kCacheLine, bytes);
  return memory == nullptr ? nullptr : std::memset(memory, 0, bytes);
}

template <typename AnyAgent>
auto texts_of(AnyAgent& agent) noexcept {
  return std::array{&agent.brand, &agent.model, &agent.os, &agent.os_version, &agent.browser, &agent.browser_version};
}

}  // namespace

// Followed by the user agent and the texts.
struct AgentCache::Record {
  std::uint16_t user_agent_size;
  DeviceType device;
  bool bot;
  std::array<std::uint8_t, 6> text_sizes;

  const char* bytes() const noexcept { return reinterpret_cast<const char*>(this + 1); }
  std::string_view user_agent() const noexcept { return {bytes(), user_agent_size}; }

  Agent agent() const noexcept {
    Agent agent;
    agent.device = device;
    agent.bot = bot;
    const char* next = bytes() + user_agent_size;
    auto size = text_sizes.begin();
    for (std::string_view* text : texts_of(agent)) {
      *text = {next, *size};
      next += *size++;
    }
    return agent;
  }
};

void AgentCache::Free::operator()(void* memory) const noexcept {
  std::free(memory);
}

AgentCache::AgentCache(std::size_t bytes, std::uint64_t seed) noexcept
    : seed_(seed),
      ring_bytes_(std::bit_ceil(std::max(bytes, kSmallest))),
      slot_count_(ring_bytes_ / kBytesPerSlot),
      ring_(static_cast<char*>(std::malloc(ring_bytes_))),
      slots_(static_cast<Slot*>(zeroed(slot_count_ * sizeof(Slot)))),
      head_(ring_bytes_) {}

std::uint64_t AgentCache::hash_of(std::string_view user_agent) const noexcept {
  return XXH3_64bits_withSeed(user_agent.data(), user_agent.size(), seed_);
}

AgentCache::Slot* AgentCache::bucket(std::uint64_t hash) const noexcept {
  return slots_.get() + (hash & (slot_count_ / kWays - 1)) * kWays;
}

std::optional<Agent> AgentCache::find(std::string_view user_agent, std::uint64_t hash) const noexcept {
  if (ring_ == nullptr || slots_ == nullptr) {
    return std::nullopt;
  }
  const Slot* slots = bucket(hash);
  for (std::size_t way = 0; way < kWays; ++way) {
    if (slots[way].hash == hash && alive(slots[way])) {
      const auto* record = reinterpret_cast<const Record*>(at(slots[way].position));
      if (record->user_agent() == user_agent) {
        return record->agent();
      }
    }
  }
  return std::nullopt;
}

// A record does not wrap around: the rest of the ring is skipped.
std::uint64_t AgentCache::take(std::size_t size) noexcept {
  size = (size + kAlignment - 1) & ~(kAlignment - 1);
  const std::size_t left = ring_bytes_ - (head_ & (ring_bytes_ - 1));
  if (left < size) {
    head_ += left;
  }
  const std::uint64_t position = head_;
  head_ += size;
  return position;
}

Agent AgentCache::put(std::string_view user_agent, std::uint64_t hash, const Agent& agent) noexcept {
  if (ring_ == nullptr || slots_ == nullptr) {
    return agent;
  }
  Record record{static_cast<std::uint16_t>(user_agent.size()), agent.device, agent.bot, {}};
  std::size_t size = sizeof(Record) + user_agent.size();
  auto text_size = record.text_sizes.begin();
  for (const std::string_view* text : texts_of(agent)) {
    *text_size++ = static_cast<std::uint8_t>(text->size());
    size += text->size();
  }
  const std::uint64_t position = take(size);
  char* const memory = at(position);
  char* next = memory + sizeof(Record);
  std::memcpy(memory, &record, sizeof(Record));
  next += user_agent.copy(next, user_agent.size());
  for (const std::string_view* text : texts_of(agent)) {
    next += text->copy(next, text->size());
  }
  Slot* slots = bucket(hash);
  Slot* oldest =
      std::min_element(slots, slots + kWays, [](const Slot& a, const Slot& b) { return a.position < b.position; });
  *oldest = {hash, position};
  return reinterpret_cast<const Record*>(memory)->agent();
}

}  // namespace tributary
