#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "platform/postgres/connection.h"

namespace tributary::admin {

// All connections are in use and none came free in time; a retry helps.
class PoolExhausted : public std::runtime_error {
 public:
  PoolExhausted() : std::runtime_error("all PostgreSQL connections are in use") {}
};

// A bounded set of connections, opened when first needed. Thread-safe.
class ConnectionPool {
 public:
  ConnectionPool(ConnectOptions options, unsigned size);

  // A connection on loan. Given back at the end, unless it broke or was left inside a transaction.
  class Lease {
   public:
    Lease(ConnectionPool& pool, Connection connection) : pool_(&pool), connection_(std::move(connection)) {}
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Connection& operator*() noexcept { return connection_; }
    Connection* operator->() noexcept { return &connection_; }

   private:
    ConnectionPool* pool_;
    Connection connection_;
  };

  // Waits up to three seconds. Throws PoolExhausted or PostgresError. The pool must outlive the lease.
  Lease acquire();

  unsigned in_use() const;
  std::uint64_t exhausted() const;

 private:
  void give_back(Connection&& connection);

  const ConnectOptions options_;
  const unsigned size_;
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<Connection> idle_;
  unsigned in_use_ = 0;
  std::uint64_t exhausted_ = 0;
};

}  // namespace tributary::admin
