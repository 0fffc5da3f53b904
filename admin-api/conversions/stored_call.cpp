#include "admin-api/conversions/stored_call.h"

#include "core/base/arena.h"
#include "core/base/ascii.h"
#include "core/postback/call_signature.h"
#include "core/request/json_body.h"

namespace tributary::admin {

StoredCall::StoredCall(std::string uri, std::string body) : uri_(std::move(uri)), body_(std::move(body)) {
  const auto query = uri_.find('?');
  if (query != std::string::npos) add(std::string_view(uri_).substr(query + 1));
  query_count_ = count_;
  // The type of the body is not kept: a form does not begin like an object.
  if (ascii::trim(body_).starts_with('{')) {
    add_json();
  } else {
    add(body_);
  }
}

std::span<const QueryParameter> StoredCall::keep_signed(const fbs::Network& network) {
  count_ = tributary::keep_signed(network, std::span(parameters_).first(count_), query_count_);
  return parameters();
}

void StoredCall::add(std::string_view encoded) {
  bool truncated = false;  // then the edge has said so in its verdict
  count_ += parse_query(encoded, std::span(parameters_).subspan(count_), truncated);
}

void StoredCall::add_json() {
  decoded_.resize(body_.size());
  Arena arena(decoded_);
  const auto found = parse_flat_json(body_, std::span(parameters_).subspan(count_), arena);
  if (found) count_ += *found;
}

void StoredCall::each(const std::function<void(std::string_view, std::string_view)>& use) const {
  std::string name;
  std::string value;
  for (const auto& parameter : parameters()) {
    name.resize(parameter.name.size());
    value.resize(parameter.value.size());
    use(parameter.decoded ? parameter.name : decode_component(parameter.name, name),
        parameter.decoded ? parameter.value : decode_component(parameter.value, value));
  }
}

}  // namespace tributary::admin
