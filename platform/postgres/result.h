#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct pg_result;

namespace tributary {

// The rows of one statement. Views live as long as the result. Asking a null or a value of another type for a number is
// a programming error and throws logic_error.
class QueryResult {
 public:
  explicit QueryResult(pg_result* result) noexcept : result_(result) {}

  int rows() const noexcept;
  std::int64_t affected() const noexcept;  // rows written by INSERT, UPDATE, DELETE, COPY

  bool is_null(int row, int column) const noexcept;
  std::string_view text(int row, int column) const noexcept;  // empty for null
  std::int64_t integer(int row, int column) const;
  bool boolean(int row, int column) const noexcept;
  std::int64_t micros(int row, int column) const;  // numeric, or null as 0
  std::array<std::uint8_t, 16> uuid(int row, int column) const;
  std::string bytes(int row, int column) const;  // bytea

 private:
  struct Clear {
    void operator()(pg_result* result) const noexcept;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

}  // namespace tributary
