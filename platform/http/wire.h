#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "platform/http/message.h"

// Between Beast's messages and ours. Only the .cpp files of this folder include it.
namespace tributary::http::wire {

using Stream = boost::beast::basic_stream<boost::asio::generic::stream_protocol>;
using BeastRequest = boost::beast::http::request<boost::beast::http::string_body>;
using BeastResponse = boost::beast::http::response<boost::beast::http::string_body>;

// Empty when the target is not an absolute path, holds NUL, an encoded slash, a bad escape or a dot segment.
std::optional<Request> to_request(BeastRequest&& message, std::string peer);

BeastResponse to_response(Response&& response, unsigned version, bool keep_alive, bool head);

// A problem document (RFC 9457) for what the server itself refuses.
Response refusal(int status, std::string_view title, std::string_view detail);

}  // namespace tributary::http::wire
