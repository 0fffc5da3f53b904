#include "admin-api/explain/counted_state.h"

#include <algorithm>

#include "admin-api/snapshot/overlay_source.h"
#include "core/base/utf8.h"
#include "core/click_id/click_uuid.h"
#include "core/condition/address.h"
#include "core/routing/click_caps.h"
#include "core/routing/visitor_history.h"
#include "core/snapshot/campaign_streams.h"
#include "core/snapshot/format.h"
#include "core/state/cap_word.h"
#include "core/time_zone/window.h"

namespace tributary::admin {
namespace {

constexpr std::size_t kBuckets = 4096;  // of one visitor's visits
constexpr int kMostVisits = 20'000;

// Those that use caps and are visits: kUncountedLabels.
constexpr const char* kCounted = " AND t.labels & 15 = 0 AND t.bot IS NOT TRUE AND t.id < $1";

constexpr const char* kVisits = R"sql(
SELECT t.campaign, t.stream, t.destination, (extract(epoch FROM t.time) * 1000)::bigint, t.is_click
FROM (
  SELECT id, campaign, stream, destination, time, address, user_agent, labels, bot, true AS is_click
  FROM events.clicks
  UNION ALL
  SELECT id, campaign, stream, destination, time, address, user_agent, labels, bot, false
  FROM events.lander_clicks
) AS t
WHERE t.address = $2::inet AND coalesce(t.user_agent, '') = $3 AND t.time BETWEEN $4 AND $5)sql";

template <typename Each>
void each_cap(const flatbuffers::Vector<flatbuffers::Offset<fbs::Cap>>* caps, Each&& each) {
  for (std::uint32_t i = 0; caps != nullptr && i < caps->size(); ++i) each(caps->Get(i));
}

// A value as the ingestor stored it.
std::string stored_text(std::string_view value) {
  std::string clean;
  append_clean_text(value, clean);
  return clean;
}

// The first millisecond of a window: windows only grow with time.
std::uint64_t begin_of(std::uint32_t window, const fbs::Cap& cap, std::uint64_t inside_ms) {
  if (cap.period() == fbs::Period::Total) return 0;
  std::uint64_t first = 0;
  std::uint64_t last = inside_ms;
  while (first < last) {
    const std::uint64_t middle = first + (last - first) / 2;
    if (window_of(middle, cap.period(), cap.zone()) < window) {
      first = middle + 1;
    } else {
      last = middle;
    }
  }
  return first;
}

}  // namespace

CountedState::SeenMemory::SeenMemory() : buckets_(kBuckets), table_(buckets_.data(), entry_, growing_from_) {
  entry_.records = kBuckets;
}

CountedState::CountedState(ScopedTransaction& transaction, const SnapshotView& snapshot, const Click& click)
    : transaction_(transaction), snapshot_(snapshot), click_(click) {
  if (click.campaign != nullptr) add_sources(*click.campaign);
}

void CountedState::add_sources(const fbs::Campaign& campaign) {
  const Streams* streams = streams_of(snapshot_, campaign);
  for (std::uint32_t i = 0; streams != nullptr && i < streams->size(); ++i) {
    const fbs::Stream& stream = *streams->Get(i);
    each_cap(stream.caps(), [&](const fbs::Cap* cap) { sources_.insert({cap->slot(), {"stream", stream.id(), cap}}); });
    for (std::uint32_t j = 0; stream.destinations() != nullptr && j < stream.destinations()->size(); ++j) {
      const fbs::Destination* destination = stream.destinations()->Get(j)->destination();
      for (std::size_t hops = 0; destination != nullptr && hops <= kMaxOverflowChain; ++hops) {
        each_cap(destination->caps(), [&](const fbs::Cap* cap) {
          sources_.insert({cap->slot(), {"destination", destination->id(), cap}});
        });
        destination = destination->overflow();
      }
    }
  }
}

template <typename Ask>
auto CountedState::guarded(Ask&& ask) noexcept -> decltype(ask()) {
  if (failure_ != nullptr) return {};
  try {
    return ask();
  } catch (...) {
    failure_ = std::current_exception();
    return {};
  }
}

void CountedState::rethrow_failure() const {
  if (failure_ != nullptr) std::rethrow_exception(failure_);
}

std::uint32_t CountedState::count_clicks(const CapSource& source, std::uint32_t window) {
  const std::uint64_t since_ms = begin_of(window_out_of_turn(window), *source.cap, click_.now_ms);
  Params params;
  params.uuid(click_uuid(click_.before)).int4(static_cast<std::int32_t>(source.id));
  params.timestamptz(static_cast<std::int64_t>(since_ms) * 1000);
  std::string of_value;
  if (source.cap->per() != 0) {
    params.int4(source.cap->per()).text(stored_text(counted_value(*source.cap, click_.visitor.tracking())));
    of_value = " AND coalesce(t.sub_ids[$4], '') = $5";
  }
  // A click limit of a stream counts clicks; a destination also those whom landers sent.
  const auto of = [&](const char* table) {
    return std::string("(SELECT count(*) FROM ") + table + " AS t WHERE t." + source.column + " = $2 AND t.time >= $3" +
           kCounted + of_value + ")";
  };
  const bool by_landers = std::string_view(source.column) == "destination";
  const auto rows = transaction_.execute(
      "SELECT " + of("events.clicks") + (by_landers ? " + " + of("events.lander_clicks") : ""), params);
  return static_cast<std::uint32_t>(std::min<std::int64_t>(rows.integer(0, 0), UINT32_MAX));
}

std::optional<std::uint32_t> CountedState::count(std::uint32_t slot, std::uint32_t window) {
  const auto source = sources_.find(slot);
  if (source == sources_.end()) return std::nullopt;
  const auto known = counts_.find({slot, window});
  if (known != counts_.end()) return known->second;
  return counts_[{slot, window}] = count_clicks(source->second, window);
}

CapTake CountedState::would_take(std::uint32_t slot, std::uint32_t window, std::uint32_t limit) noexcept {
  const auto clicks = guarded([&] { return count(slot, window); });
  if (!clicks) return CapTake::unknown;
  return *clicks < limit ? CapTake::taken : CapTake::full;
}

SeenTable& CountedState::table(SeenScope scope) noexcept {
  return scope == SeenScope::destination ? last_seen_.table() : uniques_.table();
}

bool CountedState::known(VisitorMark mark, std::uint64_t now_ms, std::uint32_t window_s) noexcept {
  guarded([&] { return go_through_visits(), true; });
  return table(mark.scope).known(mark.fingerprint, now_ms, window_s);
}

bool CountedState::seen(VisitorMark mark, std::uint64_t now_ms, std::uint32_t window_s) noexcept {
  return table(mark.scope).seen(mark.fingerprint, now_ms, window_s).known;
}

DestinationFacts CountedState::facts(std::uint32_t destination) noexcept {
  guarded([&] {
    if (!facts_) facts_ = current_destination_facts(transaction_);
    return true;
  });
  if (facts_) {
    for (const auto& facts : *facts_) {
      if (facts.id == destination) return facts;
    }
  }
  return {.id = destination};
}

// Windows of minutes end up to two minutes late; longer ones than the table of clicks is kept are cut with it.
void CountedState::go_through_visits() {
  if (visits_known_) return;
  visits_known_ = true;
  const auto address = address_number(click_.visitor.visit().address);
  if (!address) return;
  std::uint32_t window_s = click_.campaign->uniqueness_window_s();
  for (const fbs::Stream* stream : *streams_of(snapshot_, *click_.campaign)) {
    window_s = std::max(window_s, stream->anti_repeat_window_s());
  }
  const std::uint64_t back_ms = std::min<std::uint64_t>(click_.now_ms, (window_s + 120ull) * 1000);
  Params params;
  params.uuid(click_uuid(click_.before)).untyped(address_text(*address)).text(click_.visitor.visit().user_agent);
  params.timestamptz(static_cast<std::int64_t>(click_.now_ms - back_ms) * 1000);
  params.timestamptz(static_cast<std::int64_t>(click_.now_ms) * 1000);
  const auto rows = transaction_.execute(
      std::string(kVisits) + kCounted + " ORDER BY t.id LIMIT " + std::to_string(kMostVisits), params);
  for (int row = 0; row < rows.rows(); ++row) {
    const auto number = [&](int column) { return static_cast<std::uint32_t>(rows.integer(row, column)); };
    remember({number(0), number(1), number(2), static_cast<std::uint64_t>(rows.integer(row, 3)), rows.boolean(row, 4)});
  }
}

// As the evaluator did when the click was taken.
void CountedState::remember(const Seen& visit) {
  const fbs::Campaign* campaign = snapshot_.find_campaign(visit.campaign);
  const fbs::Stream* stream = campaign == nullptr ? nullptr : find_stream(snapshot_, *campaign, visit.stream);
  if (stream == nullptr) return;
  const RoutingRequest request{.campaign = campaign, .now_ms = visit.time_ms};
  struct NoDraws final : RandomSource {
    std::uint64_t next() noexcept override { return 0; }
  } random;
  RegexCache regexes;
  RoutingContext context{click_.visitor, *this, random, regexes};
  if (visit.is_click && campaign->uniqueness_window_s() != 0) VisitorHistory(request, context).remember(*stream);
  const std::uint32_t window_s = stream->anti_repeat_window_s();
  if (window_s == 0 || visit.destination == 0) return;
  seen(visitor_mark(click_.visitor.key(), SeenScope::destination, visit.destination), visit.time_ms, window_s);
}

}  // namespace tributary::admin
