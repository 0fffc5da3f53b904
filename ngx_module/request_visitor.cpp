#include "ngx_module/request_visitor.h"

#include <xxhash.h>

#include "ngx_module/visit.h"

namespace tributary {

std::optional<std::string_view> RequestVisitor::header(std::string_view lower_case_name) noexcept {
  const std::string_view value = find_header(r_, lower_case_name);
  return value.empty() ? std::nullopt : std::optional(value);
}

// Address and user agent.
std::uint64_t RequestVisitor::key() noexcept {
  if (!key_known_) {
    const std::uint64_t agent = ::XXH3_64bits(visit_.user_agent.data(), visit_.user_agent.size());
    key_ = ::XXH3_64bits_withSeed(visit_.address.data(), visit_.address.size(), agent);
    key_known_ = true;
  }
  return key_;
}

}  // namespace tributary
