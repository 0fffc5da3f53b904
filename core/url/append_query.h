#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace tributary {

// Adds `parameters` ("a=1&b=2") to the query of the URL that fills the first `length` bytes of `buffer`: behind the
// query that it has, before its fragment. The new length, or 0 when it does not fit.
std::size_t append_query(std::span<char> buffer, std::size_t length, std::string_view parameters) noexcept;

}  // namespace tributary
