#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "platform/postgres/error.h"
#include "platform/postgres/params.h"
#include "platform/postgres/result.h"

struct pg_conn;

namespace tributary {

struct ConnectOptions {
  std::string url;  // libpq URL or key=value text; may hold a password and is never logged
  std::string application_name;
  std::uint32_t connect_timeout_s = 5;
  std::uint32_t statement_timeout_ms = 0;  // 0: none
};

// One session. Belongs to one thread at a time. Every failure is a PostgresError. TCP keepalives are on, so that a host
// that vanished is noticed within a minute.
class Connection {
 public:
  explicit Connection(const ConnectOptions& options);
  Connection(Connection&&) noexcept = default;
  Connection& operator=(Connection&&) noexcept = default;

  QueryResult execute(const std::string& sql, const Params& params = {});  // one statement
  void run_script(const std::string& sql);                                 // any number of statements, no parameters

  bool usable() const noexcept;          // false after the connection broke
  bool in_transaction() const noexcept;  // also in a failed one

 private:
  friend class CopyIn;
  struct Finish {
    void operator()(pg_conn* connection) const noexcept;
  };
  [[noreturn]] void fail(const pg_result* result) const;

  std::unique_ptr<pg_conn, Finish> connection_;
};

}  // namespace tributary
