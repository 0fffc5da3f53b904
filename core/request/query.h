#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tributary {

inline constexpr std::size_t kMaxQueryParameters = 256;  // the rest is ignored and the request labelled truncated

// One parameter of a query string or form body, as sent: still percent-encoded, unless it says otherwise.
struct QueryParameter {
  std::string_view name;
  std::string_view value;
  bool decoded = false;  // every byte means itself: nothing is encoded, or it comes from a JSON body
};

// Splits `query` at '&' (and ';' is an ordinary byte). Returns how many were found, at most out.size(); `truncated` is
// set when there were more. Views point into `query`. Pieces without a name are skipped.
std::size_t parse_query(std::string_view query, std::span<QueryParameter> out, bool& truncated) noexcept;

// Decodes percent-encoding and, as forms do, '+' to space, once. Invalid escapes stay as they are. Returns the decoded
// text: `value` itself when there was nothing to decode, else a view into `buffer`, cut to its size.
std::string_view decode_component(std::string_view value, std::span<char> buffer) noexcept;

// Lower-case host without port and without the trailing dot; empty when the text is not a host name or address.
// `buffer` holds the result when it differs from the input.
std::string_view normalise_host(std::string_view host, std::span<char> buffer) noexcept;

}  // namespace tributary
