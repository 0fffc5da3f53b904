#include "ngx_module/request_visitor.h"

#include "core/visitor/visitor_key.h"
#include "ngx_module/visit.h"

namespace tributary {

std::optional<std::string_view> RequestVisitor::header(std::string_view lower_case_name) noexcept {
  const std::string_view value = find_header(r_, lower_case_name);
  if (value.empty()) return std::nullopt;
  if (!headers_.note(lower_case_name, value)) visit_.labels |= kLabelTruncated;
  visit_.headers = headers_.text();
  return value;
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

std::uint64_t RequestVisitor::key() noexcept {
  if (!key_) key_ = visitor_key(visit_);
  return *key_;
}

}  // namespace tributary
