#include "core/routing/visitor_history.h"

#include <bit>

namespace tributary {
namespace {

// A stream of a rotation is another one in each campaign.
std::uint64_t stream_of_campaign(const fbs::Campaign& campaign, const fbs::Stream& stream) noexcept {
  return campaign.rotation() == 0 ? stream.id() : std::uint64_t{campaign.id()} << 32 | stream.id();
}

}  // namespace

void VisitorHistory::enter(const fbs::Stream& stream) noexcept {
  stream_ = &stream;
  asked_ &= ~std::uint32_t{kUniqueStream};
  first_ &= ~std::uint32_t{kUniqueStream};
}

VisitorMark VisitorHistory::mark(UniqueFlag scope) noexcept {
  const std::uint64_t key = context_.visitor.key();
  switch (scope) {
    case kUniqueStream: return visitor_mark(key, SeenScope::stream, stream_of_campaign(*request_.campaign, *stream_));
    case kUniqueCampaign: return visitor_mark(key, SeenScope::campaign, request_.campaign->id());
    default: {
      // One team learns nothing of the visitors of another.
      const fbs::Uuid& team = *request_.campaign->team();
      return visitor_mark(key, SeenScope::global, team.high() ^ std::rotl(team.low(), 1));
    }
  }
}

std::optional<bool> VisitorHistory::unique(UniqueFlag scope) noexcept {
  if (window_s() == 0) {
    return std::nullopt;
  }
  if ((asked_ & scope) == 0) {
    asked_ |= scope;
    first_ |= context_.state.known(mark(scope), request_.now_ms, window_s()) ? 0u : scope;
  }
  return (first_ & scope) != 0;
}

std::uint32_t VisitorHistory::remember(const fbs::Stream& stream) noexcept {
  stream_ = &stream;
  std::uint32_t first = 0;
  for (const UniqueFlag scope : {kUniqueStream, kUniqueCampaign, kUniqueGlobal}) {
    if (!context_.state.seen(mark(scope), request_.now_ms, window_s())) {
      first |= scope;
    }
  }
  return first;
}

}  // namespace tributary
