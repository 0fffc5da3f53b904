#pragma once

#include <cstdint>
#include <string>

namespace tributary {

struct JournalError {
  enum class Code : std::uint8_t { no_space, permission, io, busy, invalid } code;
  int system_error = 0;  // errno
  std::string message;   // names the path and what to do
};

// "<what> <path>: <reason>; <what to do>", with the code that fits `system_error`.
JournalError journal_error(int system_error, const std::string& what, const std::string& path);

}  // namespace tributary
