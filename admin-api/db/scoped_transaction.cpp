#include "admin-api/db/scoped_transaction.h"

namespace tributary::admin {
namespace {

const char* begin_statement(TransactionKind kind) {
  switch (kind) {
    case TransactionKind::read_only: return "BEGIN READ ONLY";
    case TransactionKind::snapshot: return "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    case TransactionKind::read_write: break;
  }
  return "BEGIN";
}

}  // namespace

ScopedTransaction::ScopedTransaction(ConnectionPool& pool, const Scope& scope, TransactionKind kind)
    : lease_(pool.acquire()), transaction_(*lease_, begin_statement(kind)) {
  lease_->execute(
      "SELECT set_config('tributary.team', $1, true), set_config('tributary.user', $2, true),"
      " set_config('tributary.role', $3, true)",
      Params().text(scope.team).text(scope.user).text(scope.every_team ? "admin" : ""));
}

Params& add_optional(Params& params, const std::optional<std::string>& value) {
  return value ? params.untyped(*value) : params.null();
}

}  // namespace tributary::admin
