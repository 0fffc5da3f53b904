#pragma once

#include <string_view>

namespace tributary::admin {

// 8-4-4-4-12 hexadecimal digits.
bool is_uuid(std::string_view text) noexcept;
// RFC 3339 with seconds and a zone: 2026-01-31T12:00:00Z, 2026-01-31T12:00:00.5+05:00. The calendar is PostgreSQL's.
bool is_timestamp(std::string_view text) noexcept;
// 2026-01-31
bool is_date(std::string_view text) noexcept;
// Digits only, at most `digits` of them, no leading zero: an id in a path.
bool is_number(std::string_view text, std::size_t digits) noexcept;

}  // namespace tributary::admin
