#pragma once

#include "core/user_agent/agent_cache.h"
#include "core/user_agent/agent_rules.h"

namespace tributary {

// What user agents say, remembered: one per worker or thread. The edge and the ingestor both ask here, so with the same
// rules they give the same answer.
class AgentClassifier {
 public:
  static constexpr std::size_t kDefaultCacheBytes = 4u << 20;  // about 20,000 user agents

  // `rules` must outlive the classifier. `seed` is random, one per process.
  AgentClassifier(const AgentRules& rules, std::uint64_t seed, std::size_t cache_bytes = kDefaultCacheBytes) noexcept
      : rules_(rules), cache_(cache_bytes, seed) {}

  // The views live until the next call. What was not asked before costs microseconds instead of nanoseconds.
  Agent classify(std::string_view user_agent) noexcept {
    user_agent = user_agent.substr(0, AgentRules::kMaxUserAgent);
    const std::uint64_t hash = cache_.hash_of(user_agent);
    if (const auto known = cache_.find(user_agent, hash)) {
      return *known;
    }
    ++misses_;
    return cache_.put(user_agent, hash, rules_.match(user_agent, scratch_));
  }

  std::uint64_t misses() const noexcept { return misses_; }

 private:
  const AgentRules& rules_;
  AgentCache cache_;
  AgentScratch scratch_;
  std::uint64_t misses_ = 0;
};

}  // namespace tributary
