#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

// JSON as it comes in from outside: one document of UTF-8, no duplicate key, no comment, no trailing text, bounded
// depth and number of values, integers exact, no number beyond what a double holds.
namespace tributary::admin {

inline constexpr std::size_t kMaxJsonDepth = 16;
inline constexpr std::size_t kMaxJsonValues = 100'000;

class JsonError : public std::runtime_error {
 public:
  JsonError(const std::string& why, std::size_t at) : std::runtime_error(why), position(at) {}
  std::size_t position;  // in bytes from the beginning
};

// Throws JsonError.
boost::json::value parse_strict(std::string_view text);

// The text as a JSON string, quotes included.
std::string quote_json(std::string_view text);

}  // namespace tributary::admin
