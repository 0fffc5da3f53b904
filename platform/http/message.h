#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What a handler sees of HTTP: plain values, no library type.
namespace tributary::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;  // upper case, as sent
  std::string path;    // decoded once; a path with a NUL, a bad escape or a dot segment never reaches a handler
  std::string query;   // without '?', not decoded
  Headers headers;     // names in lower case, in the order of the wire
  std::string body;
  std::string peer;  // address without port, or "unix"

  // The first header of that name (lower case), or empty. Valid as long as the request.
  std::string_view header(std::string_view name) const noexcept;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;

  Response& set(std::string name, std::string value);
};

Response text_response(int status, std::string body, std::string content_type = "text/plain; charset=utf-8");
Response json_response(int status, std::string body);

// Decodes %XX once. False for a malformed escape or a NUL.
bool percent_decode(std::string_view text, std::string& out, bool plus_is_space);

// The arguments of a query in order, decoded; false when one is malformed or there are more than `max_count`.
bool parse_query(std::string_view query, std::size_t max_count, std::vector<std::pair<std::string, std::string>>& out);

}  // namespace tributary::http
