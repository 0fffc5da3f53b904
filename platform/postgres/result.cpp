#include "platform/postgres/result.h"

#include <libpq-fe.h>

#include <charconv>
#include <stdexcept>

#include "core/money/money.h"

namespace tributary {
namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

[[noreturn]] void wrong_type(std::string_view wanted, std::string_view seen) {
  throw std::logic_error("a column is not " + std::string(wanted) + ": " + std::string(seen));
}

}  // namespace

void QueryResult::Clear::operator()(pg_result* result) const noexcept {
  PQclear(result);
}

int QueryResult::rows() const noexcept {
  return PQntuples(result_.get());
}

std::int64_t QueryResult::affected() const noexcept {
  const std::string_view count = PQcmdTuples(result_.get());
  std::int64_t number = 0;
  std::from_chars(count.data(), count.data() + count.size(), number);
  return number;
}

bool QueryResult::is_null(int row, int column) const noexcept {
  return PQgetisnull(result_.get(), row, column) != 0;
}

std::string_view QueryResult::text(int row, int column) const noexcept {
  return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::int64_t QueryResult::integer(int row, int column) const {
  const std::string_view digits = text(row, column);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.empty()) wrong_type("an integer", digits);
  return number;
}

bool QueryResult::boolean(int row, int column) const noexcept {
  return text(row, column) == "t";
}

std::int64_t QueryResult::micros(int row, int column) const {
  if (is_null(row, column)) return 0;
  const auto parsed = parse_money(text(row, column));
  if (!parsed) wrong_type("an amount", text(row, column));
  return *parsed;
}

std::array<std::uint8_t, 16> QueryResult::uuid(int row, int column) const {
  std::array<std::uint8_t, 16> out{};
  std::size_t digits = 0;
  for (const char c : text(row, column)) {
    if (c == '-') continue;
    const int digit = hex_digit(c);
    if (digit < 0 || digits >= 32) wrong_type("a uuid", text(row, column));
    out[digits / 2] = static_cast<std::uint8_t>(out[digits / 2] << 4 | digit);
    ++digits;
  }
  if (digits != 32) wrong_type("a uuid", text(row, column));
  return out;
}

std::string QueryResult::bytes(int row, int column) const {
  const std::string_view hex = text(row, column);
  if (is_null(row, column)) return {};
  if (hex.size() < 2 || hex.substr(0, 2) != "\\x" || hex.size() % 2 != 0) wrong_type("bytea", hex);
  std::string out;
  out.reserve(hex.size() / 2);
  for (std::size_t i = 2; i < hex.size(); i += 2) {
    out += static_cast<char>(hex_digit(hex[i]) << 4 | hex_digit(hex[i + 1]));
  }
  return out;
}

}  // namespace tributary
