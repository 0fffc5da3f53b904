#pragma once

#include <boost/json/object.hpp>

#include "admin-api/explain/asked_click.h"

namespace tributary::admin {

inline constexpr std::size_t kMaxExplainedUrl = 32'768;
inline constexpr std::size_t kMaxExplainedText = 8'192;  // user agent, referrer, one header
inline constexpr std::size_t kMaxExplainedHeaders = 100;

// A click that somebody describes. Throws ApiError with every field that is wrong.
AskedClick read_asked_click(const boost::json::object& body, std::uint64_t now_ms);

// Of a click that is named by its id: what may be said about it beside the id. Throws ApiError.
void read_replay(const boost::json::object& body, AskedClick& click);

}  // namespace tributary::admin
