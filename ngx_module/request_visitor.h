#pragma once

#include "core/visitor/visitor.h"
#include "ngx_module/ngx.h"

namespace tributary {

// The visitor of a request, for the evaluator. The visit, the tracking and the parameters are read already; the rest is
// found out when it is asked for. Lives on the stack of the handler.
class RequestVisitor final : public Visitor {
 public:
  RequestVisitor(ngx_http_request_t* r, const Visit& visit, const Tracking& tracking,
                 std::span<const QueryParameter> parameters) noexcept
      : r_(r), visit_(visit), tracking_(tracking), parameters_(parameters) {}

  const Visit& visit() noexcept override { return visit_; }
  const Tracking& tracking() noexcept override { return tracking_; }
  std::span<const QueryParameter> query() noexcept override { return parameters_; }
  std::optional<std::string_view> header(std::string_view lower_case_name) noexcept override;
  const Place& place() noexcept override { return place_; }
  const Agent& agent() noexcept override { return agent_; }
  std::uint64_t key() noexcept override;

 private:
  ngx_http_request_t* r_;
  const Visit& visit_;
  const Tracking& tracking_;
  std::span<const QueryParameter> parameters_;
  Place place_;
  Agent agent_;
  std::uint64_t key_ = 0;
  bool key_known_ = false;
};

}  // namespace tributary
