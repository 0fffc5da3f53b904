#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/arena.h"
#include "core/base/result.h"
#include "core/request/query.h"

namespace tributary {

struct JsonBodyError {
  enum class Code : std::uint8_t {
    malformed,      // not JSON (RFC 8259), not UTF-8, or something after the end
    not_flat,       // not an object, or an object with objects or arrays in it
    duplicate_key,  // which of the two was meant?
    too_large,      // more members than `out` or more text than the arena holds
  } code;
  std::size_t offset = 0;  // of the byte at which reading stopped
};
std::string_view json_body_error_text(JsonBodyError::Code code) noexcept;

enum class JsonNesting : std::uint8_t {
  refused,
  skipped,  // of a list directly in the object the first scalar is the value; all else that is nested is passed over
};

// Reads a JSON object without nesting as the parameters of a call: names and values are decoded
// (QueryParameter::decoded) and lie in `arena`, for which the length of the body is always enough. Numbers keep their
// source text, so that money stays exact; true and false are those words; null is an absent parameter. The stack does
// not grow with the input.
Result<std::size_t, JsonBodyError> parse_flat_json(std::string_view body, std::span<QueryParameter> out, Arena& arena,
                                                   JsonNesting nesting = JsonNesting::refused) noexcept;

}  // namespace tributary
