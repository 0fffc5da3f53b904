#pragma once

#include <optional>
#include <span>

#include "core/request/campaign_cost.h"
#include "core/request/tracking_in_query.h"
#include "core/request/tracking_parser.h"

namespace tributary {

// The tracking of a request, read from its query when it is first asked for: a click whose target names no part of it
// is routed and recorded without. Its references must outlive it.
class TrackingOnDemand {
 public:
  TrackingOnDemand(Visit& visit, const std::span<const QueryParameter>& parameters, std::span<char> memory) noexcept
      : visit_(visit), parameters_(parameters), arena_(memory) {}

  // Names of the campaign's source and what a visit costs. Before anything is asked.
  void belongs_to(const fbs::Campaign& campaign) noexcept {
    source_ = campaign.source_names();
    cost_ = cost_of(campaign);
  }

  const Tracking& read() noexcept {
    if (!tracking_) read_now();
    return *tracking_;
  }

  // One of the sub ids, 1 to 30. The first few are looked for without reading the rest.
  std::string_view sub_id(std::size_t number) noexcept {
    if (!tracking_ && looked_for_ < kLookedFor && query_tells()) {
      ++looked_for_;
      return find_sub_id(parameters_, number);
    }
    return read().sub_ids[number - 1];
  }

  // As the event of a click carries it.
  void put_into(Click& click) noexcept {
    click.tracking_in_query = query_tells();
    if (click.tracking_in_query) [[likely]] {
      click.tracking.cost_micros = cost_.micros;
      click.tracking.currency = cost_.currency;
    } else {
      click.tracking = read();
    }
  }

  // As events behind a click carry it: the click has cost already.
  Tracking without_cost() noexcept {
    Tracking tracking = read();
    tracking.cost_micros = 0;
    tracking.currency = {};
    return tracking;
  }
  void leave_cost_to_click() noexcept { tracking_ = without_cost(); }

 private:
  void read_now() noexcept {
    Tracking& tracking = tracking_.emplace();
    if (source_ == nullptr) [[likely]] {
      parse_tracking(parameters_, arena_, tracking, visit_.labels);
    } else {
      parse_tracking(parameters_, *source_, arena_, tracking, visit_.labels);
    }
    apply_campaign_cost(tracking, cost_);
  }

  bool query_tells() noexcept {
    if (!query_tells_) query_tells_ = source_ == nullptr && tells_tracking(visit_.query, parameters_);
    return *query_tells_;
  }

  static constexpr unsigned kLookedFor = 2;

  Visit& visit_;
  const std::span<const QueryParameter>& parameters_;
  Arena arena_;
  const fbs::Source* source_ = nullptr;
  CampaignCost cost_;
  std::optional<bool> query_tells_;
  unsigned looked_for_ = 0;
  std::optional<Tracking> tracking_;
};

}  // namespace tributary
