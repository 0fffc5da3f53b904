#include "platform/postgres/error.h"

#include <utility>

namespace tributary {

PostgresFailure classify_sqlstate(std::string_view sqlstate) noexcept {
  const std::string_view kind = sqlstate.substr(0, 2);
  if (sqlstate.empty() || kind == "08" || sqlstate == "57P01" || sqlstate == "57P02" || sqlstate == "57P05" ||
      sqlstate == "25P03") {
    return PostgresFailure::connection;
  }
  if (kind == "40" || kind == "53" || kind == "57" || kind == "58" || sqlstate == "55P03" || sqlstate == "25006") {
    return PostgresFailure::transient;
  }
  if (kind == "22" || kind == "23") return PostgresFailure::data;
  return PostgresFailure::statement;
}

PostgresError::PostgresError(std::string sqlstate, const std::string& message, std::string constraint)
    : std::runtime_error(sqlstate.empty() ? message : message + " (SQLSTATE " + sqlstate + ")"),
      sqlstate_(std::move(sqlstate)),
      constraint_(std::move(constraint)),
      failure_(classify_sqlstate(sqlstate_)) {}

}  // namespace tributary
