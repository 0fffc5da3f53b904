#pragma once

#include "core/request/tracking_on_demand.h"
#include "core/visitor/asked_headers.h"
#include "core/visitor/visitor.h"
#include "ngx_module/worker.h"

namespace tributary {

// The visitor of a request, for the evaluator and the macros. The visit, the tracking and the parameters are read when
// it is first asked; the rest is found out when it is asked for. A place that was looked up, headers that were asked
// for, and that it is a bot, are written into the visit. Lives on the stack of the handler.
class RequestVisitor final : public Visitor {
 public:
  RequestVisitor(ngx_http_request_t* r, Worker& worker, Visit& visit, TrackingOnDemand& tracking,
                 const std::span<const QueryParameter>& parameters) noexcept
      : r_(r), worker_(worker), visit_(visit), tracking_(tracking), parameters_(parameters) {}

  const Visit& visit() noexcept override { return visit_; }
  const Tracking& tracking() noexcept override { return tracking_.read(); }
  std::string_view sub_id(std::size_t number) noexcept override { return tracking_.sub_id(number); }
  std::span<const QueryParameter> query() noexcept override { return parameters_; }
  std::optional<std::string_view> header(std::string_view lower_case_name) noexcept override;
  const Place& place() noexcept override;
  const Agent& agent() noexcept override;
  std::uint64_t key() noexcept override;

 private:
  ngx_http_request_t* r_;
  Worker& worker_;
  Visit& visit_;
  TrackingOnDemand& tracking_;
  const std::span<const QueryParameter>& parameters_;
  AskedHeaders headers_;
  std::optional<Agent> agent_;
  std::optional<std::uint64_t> key_;
};

}  // namespace tributary
