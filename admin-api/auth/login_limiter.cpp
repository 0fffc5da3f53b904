#include "admin-api/auth/login_limiter.h"

#include <algorithm>

namespace tributary::admin {

LoginLimiter::LoginLimiter(unsigned failures, std::chrono::seconds window, std::size_t max_keys)
    : failures_(failures), window_(window), max_keys_(max_keys) {}

std::chrono::seconds LoginLimiter::wait_for(const std::string& key, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second.failures < failures_) return std::chrono::seconds(0);
  const auto left = std::chrono::ceil<std::chrono::seconds>(found->second.since + window_ - now);
  return std::max(left, std::chrono::seconds(0));
}

void LoginLimiter::failed(const std::string& key, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  make_room(now);
  auto& entry = entries_[key];
  if (entry.failures == 0 || entry.since + window_ <= now) entry = {0, now};
  ++entry.failures;
}

void LoginLimiter::succeeded(const std::string& key) {
  const std::lock_guard lock(mutex_);
  entries_.erase(key);
}

void LoginLimiter::make_room(Clock::time_point now) {
  if (entries_.size() < max_keys_) return;
  std::erase_if(entries_, [&](const auto& item) { return item.second.since + window_ <= now; });
  if (entries_.size() < max_keys_) return;
  entries_.erase(std::min_element(entries_.begin(), entries_.end(),
                                  [](const auto& a, const auto& b) { return a.second.since < b.second.since; }));
  ++evicted_;
}

std::uint64_t LoginLimiter::evicted() const {
  const std::lock_guard lock(mutex_);
  return evicted_;
}

}  // namespace tributary::admin
