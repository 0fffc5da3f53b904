#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "platform/postgres/connection.h"

namespace tributary {

// COPY … FROM STDIN (FORMAT binary). Rows are what BinaryWriter made: begin_row, then its fields. Nothing else may use
// the connection until finish(); leaving the scope before makes the COPY fail on the server.
class CopyIn {
 public:
  // `target` is "table (column, …)".
  CopyIn(Connection& connection, const std::string& target);
  ~CopyIn();
  CopyIn(const CopyIn&) = delete;
  CopyIn& operator=(const CopyIn&) = delete;

  void write(std::span<const char> rows);  // whole rows or parts of them
  std::int64_t finish();                   // how many rows were stored; the server's error comes out here

 private:
  void send(std::span<const char> bytes);

  Connection& connection_;
  bool open_ = true;
};

}  // namespace tributary
