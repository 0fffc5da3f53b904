#include "admin-api/explain/asked_visitor.h"

#include "core/request/campaign_cost.h"
#include "core/visitor/asked_headers.h"
#include "core/visitor/visitor_key.h"
#include "schema/snapshot_generated.h"

namespace tributary::admin {

AskedVisitor::AskedVisitor(const AskedClick& click, VisitorSource& source)
    : click_(click), parameters_(kMaxQueryParameters) {
  visit_.address = std::span<const std::uint8_t>(click.address);
  visit_.user_agent = click.user_agent;
  visit_.referrer = click.referrer;
  visit_.language = click.language;
  visit_.host = click.host;
  visit_.query = click.query;
  visit_.labels = click.labels;
  bool truncated = false;
  parameters_.resize(parse_query(visit_.query, parameters_, truncated));
  if (truncated) visit_.labels |= kLabelTruncated;
  Arena arena(decoded_);
  parse_tracking(parameters_, arena, tracking_, visit_.labels);
  const auto facts = source.look(visit_, kept_);
  place_ = click.decided ? click.visitor.place : facts.place;
  agent_known_ = click.decided ? click.visitor.agent.has_value() : facts.agent_known;
  agent_ = click.decided ? click.visitor.agent.value_or(Agent{}) : facts.agent;
}

void AskedVisitor::take_campaign(const fbs::Campaign& campaign) noexcept {
  if (campaign.source_names() != nullptr) {
    Arena arena(decoded_);
    tracking_ = {};
    parse_tracking(parameters_, *campaign.source_names(), arena, tracking_, visit_.labels);
  }
  apply_campaign_cost(tracking_, cost_of(campaign));
}

std::optional<std::string_view> AskedVisitor::header(std::string_view lower_case_name) noexcept {
  if (click_.decided) {
    const std::string_view value = asked_header(click_.recorded_headers, lower_case_name);
    return value.empty() ? std::nullopt : std::optional(value);
  }
  const auto found = click_.headers.find(lower_case_name);
  return found == click_.headers.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

// As on the edge, that it is a bot becomes known when somebody asks.
const Agent& AskedVisitor::agent() noexcept {
  if (agent_.bot) visit_.labels |= kLabelBot;
  return agent_;
}

std::uint64_t AskedVisitor::key() noexcept {
  return visitor_key(visit_);
}

}  // namespace tributary::admin
