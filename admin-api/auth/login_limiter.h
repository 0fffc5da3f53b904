#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace tributary::admin {

// Counts failed logins per key (an address, an account) in a sliding window. Bounded: when the table is full, the
// oldest entry gives way and is counted.
//
// Thread-safe. Time comes in, so that tests need not wait.
class LoginLimiter {
 public:
  using Clock = std::chrono::steady_clock;

  LoginLimiter(unsigned failures, std::chrono::seconds window, std::size_t max_keys);

  // Zero when another try is allowed, else how long to wait.
  std::chrono::seconds wait_for(const std::string& key, Clock::time_point now);
  void failed(const std::string& key, Clock::time_point now);
  void succeeded(const std::string& key);
  std::uint64_t evicted() const;

 private:
  struct Entry {
    unsigned failures = 0;
    Clock::time_point since;
  };
  void make_room(Clock::time_point now);

  const unsigned failures_;
  const std::chrono::seconds window_;
  const std::size_t max_keys_;
  mutable std::mutex mutex_;
  std::map<std::string, Entry> entries_;
  std::uint64_t evicted_ = 0;
};

}  // namespace tributary::admin
