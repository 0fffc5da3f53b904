#pragma once

#include <array>
#include <deque>
#include <string>
#include <vector>

#include "admin-api/explain/asked_click.h"
#include "core/request/tracking_parser.h"
#include "core/visitor/visitor.h"
#include "platform/enrich/visitor_facts.h"

namespace tributary::fbs {
struct Campaign;
}

namespace tributary::admin {

// Who a visitor is, where a record does not say it.
class VisitorSource {
 public:
  virtual ~VisitorSource() = default;
  // The views live as long as `keep`.
  virtual VisitorFacts look(const Visit& visit, std::deque<std::string>& keep) = 0;
};

// The visitor of a click to explain, as the edge would see him. The click must outlive it.
class AskedVisitor final : public Visitor {
 public:
  AskedVisitor(const AskedClick& click, VisitorSource& source);

  // The names that its source has for parameters, and what a click costs where the query does not say it.
  void take_campaign(const fbs::Campaign& campaign) noexcept;

  const Visit& visit() noexcept override { return visit_; }
  const Tracking& tracking() noexcept override { return tracking_; }
  std::span<const QueryParameter> query() noexcept override { return parameters_; }
  std::optional<std::string_view> header(std::string_view lower_case_name) noexcept override;
  const Place& place() noexcept override { return place_; }
  const Agent& agent() noexcept override;
  std::uint64_t key() noexcept override;

  bool agent_known() const noexcept { return agent_known_; }

 private:
  const AskedClick& click_;
  std::deque<std::string> kept_;
  std::vector<QueryParameter> parameters_;
  std::array<char, kMaxTrackingTotal> decoded_;
  Visit visit_;
  Tracking tracking_;
  Place place_;
  Agent agent_;
  bool agent_known_ = false;
};

}  // namespace tributary::admin
