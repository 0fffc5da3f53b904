#pragma once

#include <cstdint>
#include <optional>

#include "core/condition/condition_context.h"
#include "core/routing/router.h"
#include "schema/snapshot_generated.h"

namespace tributary {

// Is this the visitor's first click in the stream, the campaign, the team? Within one decision the answer to a question
// stays what it was.
class VisitorHistory final : public ConditionState {
 public:
  VisitorHistory(const RoutingRequest& request, RoutingContext& context) noexcept
      : request_(request), context_(context) {}

  // How long the campaign remembers a visitor; 0: not at all.
  std::uint32_t window_s() const noexcept { return request_.uniques ? request_.campaign->uniqueness_window_s() : 0; }

  // The stream that is being tried.
  void enter(const fbs::Stream& stream) noexcept;

  // Nothing where visitors are not told apart.
  std::optional<bool> unique(UniqueFlag scope) noexcept override;

  // Remembers a click that goes by `stream`. The scopes in which it is the first: of clicks at the same time, one is.
  std::uint32_t remember(const fbs::Stream& stream) noexcept;

 private:
  VisitorMark mark(UniqueFlag scope) noexcept;

  const RoutingRequest& request_;
  RoutingContext& context_;
  const fbs::Stream* stream_ = nullptr;
  std::uint32_t asked_ = 0;
  std::uint32_t first_ = 0;
};

}  // namespace tributary
