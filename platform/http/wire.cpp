#include "platform/http/wire.h"

#include <algorithm>

namespace tributary::http::wire {
namespace {

bool has_dot_segment(std::string_view path) {
  for (std::size_t begin = 0; begin <= path.size();) {
    const auto end = std::min(path.find('/', begin), path.size());
    const auto segment = path.substr(begin, end - begin);
    if (segment == "." || segment == "..") return true;
    begin = end + 1;
  }
  return false;
}

bool has_encoded_slash(std::string_view target) {
  return target.find("%2F") != std::string_view::npos || target.find("%2f") != std::string_view::npos;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

}  // namespace

std::optional<Request> to_request(BeastRequest&& message, std::string peer) {
  Request request;
  request.method = std::string(message.method_string());
  const std::string_view target(message.target().data(), message.target().size());
  const auto question = target.find('?');
  const auto raw_path = target.substr(0, question);
  if (!raw_path.starts_with('/') || has_encoded_slash(raw_path)) return std::nullopt;
  if (!percent_decode(raw_path, request.path, false) || has_dot_segment(request.path)) return std::nullopt;
  if (question != std::string_view::npos) request.query = std::string(target.substr(question + 1));
  for (const auto& field : message) {
    request.headers.emplace_back(lower({field.name_string().data(), field.name_string().size()}),
                                 std::string(field.value()));
  }
  request.body = std::move(message.body());
  request.peer = std::move(peer);
  return request;
}

BeastResponse to_response(Response&& response, unsigned version, bool keep_alive, bool head) {
  BeastResponse message(static_cast<boost::beast::http::status>(response.status), version);
  for (const auto& [name, value] : response.headers) message.insert(name, value);
  message.keep_alive(keep_alive);
  const auto size = response.body.size();
  if (!head) message.body() = std::move(response.body);
  if (response.status != 204 && response.status != 304) message.content_length(size);
  return message;
}

Response refusal(int status, std::string_view title, std::string_view detail) {
  Response response;
  response.status = status;
  response.body = R"({"type":"about:blank","title":")" + std::string(title) + R"(","status":)" +
                  std::to_string(status) + R"(,"detail":")" + std::string(detail) + "\"}";
  response.set("Content-Type", "application/problem+json");
  response.set("Cache-Control", "no-store");
  return response;
}

}  // namespace tributary::http::wire
