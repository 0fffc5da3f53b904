#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tributary {

// What can be done about a failed statement.
enum class PostgresFailure : std::uint8_t {
  connection,  // the server is away or the connection broke: connect again; whether a COMMIT happened is unknown
  transient,   // the server says try again: deadlock, serialization, shutdown, out of connections, disk or memory
  data,        // a value or constraint: the same statement will fail again
  statement,   // anything else: missing table or column, permission, syntax
};

// From the five characters of SQLSTATE; an empty one means that no server answered.
PostgresFailure classify_sqlstate(std::string_view sqlstate) noexcept;

class PostgresError : public std::runtime_error {
 public:
  PostgresError(std::string sqlstate, const std::string& message, std::string constraint = {});

  const std::string& sqlstate() const noexcept { return sqlstate_; }
  const std::string& constraint() const noexcept { return constraint_; }  // name of the violated one, or empty
  PostgresFailure failure() const noexcept { return failure_; }
  bool retryable() const noexcept {
    return failure_ == PostgresFailure::connection || failure_ == PostgresFailure::transient;
  }

 private:
  std::string sqlstate_;
  std::string constraint_;
  PostgresFailure failure_;
};

}  // namespace tributary
