#pragma once

#include <optional>
#include <string>

#include "admin-api/db/pool.h"
#include "platform/postgres/transaction.h"

namespace tributary::admin {

// Whose rows a transaction may see and who it works for. PostgreSQL's row security reads the same three values.
struct Scope {
  std::string team;  // uuid; empty: none
  std::string user;  // uuid; empty: the system
  bool every_team = false;
};

inline const Scope kSystemScope{{}, {}, true};

enum class TransactionKind { read_write, read_only, snapshot };  // snapshot: REPEATABLE READ, read only

// One transaction on a connection of the pool, with the scope set for its duration. Rolls back unless committed.
class ScopedTransaction {
 public:
  ScopedTransaction(ConnectionPool& pool, const Scope& scope, TransactionKind kind = TransactionKind::read_write);

  QueryResult execute(const std::string& sql, const Params& params = {}) { return lease_->execute(sql, params); }
  void commit() { transaction_.commit(); }

 private:
  ConnectionPool::Lease lease_;
  Transaction transaction_;
};

// A parameter that is null when it is not there.
Params& add_optional(Params& params, const std::optional<std::string>& value);

}  // namespace tributary::admin
