#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "core/request/query.h"
#include "ngx_module/ngx.h"

namespace tributary::fbs {
struct Network;
}

namespace tributary {

// The parameters of one call of a network or affiliate: path, query string and body together. Views point into the
// request and its pool.
struct PostbackCall {
  std::string_view key;          // which network; empty: the parameter affiliate_id names an affiliate
  std::string_view path_secret;  // empty: none in the path
  std::string_view key_secret;   // of /{key}/postback, which has no place for another: the key
  std::string stored_uri;        // without secrets
  std::string stored_body;
  std::array<QueryParameter, kMaxQueryParameters> storage;
  std::size_t parameter_count = 0;
  std::size_t query_count = 0;    // the first of them: those of the query string
  std::string_view body;          // as it came
  bool truncated = false;         // there were more parameters than `storage` takes
  bool unparsable = false;        // the body claims to be JSON and is none that can be read
  std::size_t encoded_bytes = 0;  // of all parameters: what decoding needs at most

  std::span<const QueryParameter> parameters() const noexcept { return {storage.data(), parameter_count}; }
};

// For networks that put their parameters into an envelope: what it holds takes the place of the parameters of the
// body. 0, or the status to answer: 400 when an encrypted one does not open.
ngx_int_t open_body(ngx_http_request_t* r, const fbs::Network& network, std::uint64_t now_ms, PostbackCall& call);

// Fills `call`; 0, or the status to answer: 413 for a body above `max_body`.
ngx_int_t read_postback_call(ngx_http_request_t* r, std::size_t max_body, PostbackCall& call);

}  // namespace tributary
