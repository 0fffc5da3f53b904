#pragma once

#include <array>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/request/query.h"

namespace tributary::fbs {
struct Network;
}

namespace tributary::admin {

// The parameters of a call of a network as the log keeps it: query string and body, secrets redacted. Views point into
// this object.
class StoredCall {
 public:
  StoredCall(std::string uri, std::string body);
  StoredCall(const StoredCall&) = delete;
  StoredCall& operator=(const StoredCall&) = delete;

  std::span<const QueryParameter> parameters() const noexcept { return {parameters_.data(), count_}; }
  // As the edge reads a signed call, when calls of the network are signed: only what the signature covers stays.
  std::span<const QueryParameter> keep_signed(const fbs::Network& network);
  // What decoding all of them needs at most.
  std::size_t encoded_bytes() const noexcept { return uri_.size() + body_.size(); }
  // In the order in which they were sent, decoded.
  void each(const std::function<void(std::string_view name, std::string_view value)>& use) const;

 private:
  void add(std::string_view encoded);
  void add_json();

  std::string uri_;
  std::string body_;
  std::vector<char> decoded_;  // of a JSON body
  std::array<QueryParameter, kMaxQueryParameters> parameters_;
  std::size_t count_ = 0;
  std::size_t query_count_ = 0;
};

}  // namespace tributary::admin
