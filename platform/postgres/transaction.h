#pragma once

#include "platform/postgres/connection.h"

namespace tributary {

// BEGIN … COMMIT; leaving the scope without commit() rolls back. One at a time per connection, which must outlive it.
class Transaction {
 public:
  explicit Transaction(Connection& connection, const char* begin = "BEGIN");
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // When this throws a connection failure, whether the server committed is unknown.
  void commit();

 private:
  Connection& connection_;
  bool open_ = true;
};

}  // namespace tributary
