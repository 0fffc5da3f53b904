#pragma once

#include <optional>

#include "platform/postgres/connection.h"

namespace tributary::admin {

// Of several admin-api on one database only one checks: whoever holds an advisory lock on a connection of its own. It
// is lost with the connection, so another one takes over when this process or its network dies.
class CheckerLock {
 public:
  explicit CheckerLock(ConnectOptions options) : options_(std::move(options)) {}

  // Whether we hold it, asked anew each time. Throws PostgresError while PostgreSQL is away.
  bool hold();

 private:
  ConnectOptions options_;
  std::optional<Connection> connection_;
  bool held_ = false;
};

}  // namespace tributary::admin
