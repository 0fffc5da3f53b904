#include "ngx_module/request_visitor.h"

#include <xxhash.h>

#include "ngx_module/visit.h"

namespace tributary {

std::optional<std::string_view> RequestVisitor::header(std::string_view lower_case_name) noexcept {
  const std::string_view value = find_header(r_, lower_case_name);
  return value.empty() ? std::nullopt : std::optional(value);
}

const Place& RequestVisitor::place() noexcept {
  static constexpr Place kUnknown;
  if (!worker_.places().configured()) return kUnknown;
  if (!visit_.place) visit_.place = worker_.places().find(visit_.address);
  return *visit_.place;
}

const Agent& RequestVisitor::agent() noexcept {
  if (!agent_) {
    AgentClassifier* classifier = worker_.agents();
    agent_ = classifier == nullptr ? Agent{} : classifier->classify(visit_.user_agent);
    if (agent_->bot) visit_.labels |= kLabelBot;
  }
  return *agent_;
}

// Address and user agent.
std::uint64_t RequestVisitor::key() noexcept {
  if (!key_) {
    const std::uint64_t agent = ::XXH3_64bits(visit_.user_agent.data(), visit_.user_agent.size());
    key_ = ::XXH3_64bits_withSeed(visit_.address.data(), visit_.address.size(), agent);
  }
  return *key_;
}

}  // namespace tributary
