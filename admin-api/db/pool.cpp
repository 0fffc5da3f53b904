#include "admin-api/db/pool.h"

#include <chrono>
#include <optional>

namespace tributary::admin {

namespace {
constexpr std::chrono::seconds kWait{3};
}

ConnectionPool::ConnectionPool(ConnectOptions options, unsigned size) : options_(std::move(options)), size_(size) {}

ConnectionPool::Lease ConnectionPool::acquire() {
  std::optional<Connection> connection;
  {
    std::unique_lock lock(mutex_);
    if (!freed_.wait_for(lock, kWait, [this] { return in_use_ < size_; })) {
      ++exhausted_;
      throw PoolExhausted();
    }
    ++in_use_;
    if (!idle_.empty()) {
      connection.emplace(std::move(idle_.back()));
      idle_.pop_back();
    }
  }
  if (connection) return Lease(*this, std::move(*connection));
  try {
    return Lease(*this, Connection(options_));
  } catch (...) {
    const std::lock_guard lock(mutex_);
    --in_use_;
    freed_.notify_one();
    throw;
  }
}

ConnectionPool::Lease::~Lease() {
  pool_->give_back(std::move(connection_));
}

void ConnectionPool::give_back(Connection&& connection) {
  const std::lock_guard lock(mutex_);
  --in_use_;
  if (!connection.usable()) {
    idle_.clear();  // the server restarted: the others are as dead as this one
  } else if (!connection.in_transaction()) {
    idle_.push_back(std::move(connection));
  }
  freed_.notify_one();
}

unsigned ConnectionPool::in_use() const {
  const std::lock_guard lock(mutex_);
  return in_use_;
}

std::uint64_t ConnectionPool::exhausted() const {
  const std::lock_guard lock(mutex_);
  return exhausted_;
}

}  // namespace tributary::admin
