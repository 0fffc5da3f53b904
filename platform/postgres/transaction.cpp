#include "platform/postgres/transaction.h"

namespace tributary {

Transaction::Transaction(Connection& connection, const char* begin) : connection_(connection) {
  connection_.execute(begin);
}

Transaction::~Transaction() {
  if (!open_ || !connection_.usable()) return;
  try {
    connection_.execute("ROLLBACK");
  } catch (const PostgresError&) {
    // The connection broke: the server rolls back by itself.
  }
}

void Transaction::commit() {
  open_ = false;
  connection_.execute("COMMIT");
}

}  // namespace tributary
