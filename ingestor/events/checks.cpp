#include "ingestor/events/checks.h"

#include <limits>

#include "core/base/utf8.h"
#include "core/money/money.h"
#include "ingestor/conversion/conversion_key.h"

namespace tributary::ingest {
namespace {

constexpr std::uint64_t kMaxInt4 = std::numeric_limits<std::int32_t>::max();
constexpr std::uint64_t kMaxInt2 = std::numeric_limits<std::int16_t>::max();
constexpr std::uint64_t kMaxInt8 = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kMaxConversionId = (1ull << 53) - 1;

using Rejected = std::optional<Rejection>;

// The first failed check wins; the rest is skipped.
class Checks {
 public:
  Checks& at_most(std::string_view field, std::uint64_t value, std::uint64_t limit) {
    if (!rejected_ && value > limit) reject("range", field, std::to_string(value));
    return *this;
  }
  Checks& money(std::string_view field, std::int64_t micros) {
    if (!rejected_ && (micros > kMaxMoneyMicros || micros < -kMaxMoneyMicros)) {
      reject("range", field, std::to_string(micros));
    }
    return *this;
  }
  Checks& address(std::size_t size) {
    if (!rejected_ && size != 0 && size != 4 && size != 16) reject("range", "address", std::to_string(size) + " bytes");
    return *this;
  }
  Checks& time(std::uint64_t time_us, const ClockLimits& clock) {
    const bool ahead = time_us > clock.now_us + clock.ahead_us;
    const bool behind = time_us + clock.behind_us < clock.now_us;
    if (!rejected_ && (ahead || behind)) {
      reject(
          "clock",
          ahead ? "the event lies in the future, microseconds" : "the event is older than the retention, microseconds",
          std::to_string(time_us));
    }
    return *this;
  }
  Checks& key_text(std::string_view field, std::string_view text) {
    if (rejected_) return *this;
    if (text.size() > kMaxKeyText) reject("range", field, std::to_string(text.size()) + " bytes");
    if (!is_clean_text(text)) reject("encoding", field, "not UTF-8 or with a NUL");
    return *this;
  }
  Checks& require(bool holds, std::string_view detail) {
    if (!rejected_ && !holds) rejected_ = Rejection{"malformed", std::string(detail)};
    return *this;
  }
  Rejected result() { return std::move(rejected_); }

 private:
  void reject(std::string_view reason, std::string_view field, const std::string& seen) {
    rejected_ = Rejection{reason, std::string(field) + ": " + seen};
  }
  Rejected rejected_;
};

Checks& check_header(Checks& checks, const EventHeader& header) {
  return checks.at_most("time", header.time_us, kMaxInt8 / 2)
      .at_most("edge", header.edge, kMaxEdge)
      .at_most("slot", header.slot, kMaxSlot)
      .at_most("epoch", header.epoch, kMaxInt4)
      .at_most("generation", header.generation, kMaxInt8);
}

Checks& check_visit(Checks& checks, const Visit& visit, const Tracking& tracking) {
  return checks.at_most("labels", visit.labels, kMaxInt2)
      .address(visit.address.size())
      .money("cost", tracking.cost_micros);
}

}  // namespace

Rejected check_click(const EventHeader& header, const Click& click, const ClockLimits& clock) {
  Checks checks;
  check_header(checks, header)
      .require(!click.id.empty(), "the click has no id")
      .time(unpack_click_id(click.id).time_ms * 1000, clock)
      .at_most("stream", click.stream, kMaxInt4)
      .at_most("destination", click.destination, kMaxInt4)
      .at_most("source", click.source, kMaxInt4)
      .at_most("affiliate", click.affiliate, kMaxInt4)
      .at_most("link", click.link, kMaxInt4)
      .at_most("lander", click.lander, kMaxInt4)
      .at_most("number", click.number, kMaxInt8)
      .at_most("unique", click.unique, kMaxInt2)
      .at_most("status", click.status, kMaxInt2)
      .key_text("external_click_id", click.external_click_id);
  return check_visit(checks, click.visit, click.tracking).result();
}

Rejected check_trafficback(const EventHeader& header, const Trafficback& trafficback, const ClockLimits& clock) {
  Checks checks;
  const std::uint64_t id_us = unpack_click_id(trafficback.id).time_ms * 1000;
  check_header(checks, header)
      .time(trafficback.id.empty() ? header.time_us : id_us, clock)
      .at_most("campaign", trafficback.campaign, kMaxInt4)
      .at_most("level", trafficback.level, kMaxInt2)
      .at_most("hops", trafficback.hops, kMaxInt2)
      .at_most("stream", trafficback.stream, kMaxInt4)
      .at_most("lander", trafficback.lander, kMaxInt4)
      .at_most("offer", trafficback.offer, kMaxInt2)
      .at_most("status", trafficback.status, kMaxInt2);
  return check_visit(checks, trafficback.visit, trafficback.tracking).result();
}

Rejected check_lander_click(const EventHeader& header, const LanderClick& lander_click, const ClockLimits& clock) {
  Checks checks;
  check_header(checks, header)
      .require(!lander_click.id.empty() && !lander_click.click.empty(), "the click of a lander has no id")
      .time(unpack_click_id(lander_click.id).time_ms * 1000, clock)
      .at_most("stream", lander_click.stream, kMaxInt4)
      .at_most("lander", lander_click.lander, kMaxInt4)
      .at_most("destination", lander_click.destination, kMaxInt4)
      .at_most("offer", lander_click.offer, kMaxInt2)
      .at_most("status", lander_click.status, kMaxInt2);
  return check_visit(checks, lander_click.visit, lander_click.tracking).result();
}

Rejected check_customer_event(const EventHeader& header, const CustomerEvent& event, const ClockLimits& clock) {
  Checks checks;
  return check_header(checks, header)
      .time(header.time_us, clock)
      .require(event.advertiser != 0, "the event names no advertiser")
      .require((event.id_high | event.id_low) != 0, "the event has no id")
      .require(event.action != CustomerAction::unknown, "the event names no action")
      .at_most("advertiser", event.advertiser, kMaxInt4)
      .money("value", event.value_micros)
      .address(event.address.size())
      .result();
}

Rejected check_postback(const EventHeader& header, const Postback& postback, const ClockLimits& clock) {
  Checks checks;
  check_header(checks, header)
      .time(header.time_us, clock)
      .at_most("conversion_id", postback.conversion_id, kMaxConversionId)
      .at_most("network", postback.network, kMaxInt4)
      .at_most("affiliate", postback.affiliate, kMaxInt4)
      .money("payout", postback.payout_micros)
      .money("revenue", postback.revenue_micros)
      .money("cost", postback.cost_micros)
      .address(postback.address.size());
  if (counts_as_conversion(postback.verdict)) {
    checks.require(postback.conversion_id != 0, "an accepted postback has no conversion id")
        .key_text("transaction", postback.transaction)
        .key_text("event", postback.event);
  }
  return checks.result();
}

}  // namespace tributary::ingest
