#include <cassert>

#include "core/event/event.h"
#include "core/event/fields.h"
#include "core/event/sinks.h"

namespace tributary {
namespace {

using namespace wire;

template <typename Fill>
std::size_t size_of(const Fill& fill) noexcept {
  SizeSink sink;
  fill(sink);
  return sink.size();
}

void put(auto& sink, const ClickIdentity& identity) noexcept {
  sink.fixed64(IdentityField::high, identity.high);
  sink.fixed64(IdentityField::low, identity.low);
}

void put(auto& sink, const Visit& visit) noexcept {
  sink.text(VisitField::address, as_text(visit.address));
  sink.text(VisitField::user_agent, visit.user_agent);
  sink.text(VisitField::referrer, visit.referrer);
  sink.text(VisitField::language, visit.language);
  sink.text(VisitField::host, visit.host);
  sink.text(VisitField::query, visit.query);
  sink.varint(VisitField::labels, visit.labels);
}

template <std::size_t kCount>
void put_numbered(auto& sink, auto field, const std::array<std::string_view, kCount>& values) noexcept {
  for (std::size_t i = 0; i < kCount; ++i) {
    if (values[i].empty()) {
      continue;
    }
    const auto fill = [&](auto& inner) {
      inner.varint(SubIdField::index, i + 1);
      inner.text(SubIdField::value, values[i]);
    };
    sink.message(field, size_of(fill), fill);
  }
}

void put(auto& sink, const Tracking& tracking) noexcept {
  sink.text(TrackingField::utm_source, tracking.utm_source);
  sink.text(TrackingField::utm_medium, tracking.utm_medium);
  sink.text(TrackingField::utm_campaign, tracking.utm_campaign);
  sink.text(TrackingField::utm_content, tracking.utm_content);
  sink.text(TrackingField::utm_term, tracking.utm_term);
  sink.text(TrackingField::external_id, tracking.external_id);
  sink.text(TrackingField::keyword, tracking.keyword);
  sink.zigzag(TrackingField::cost_micros, tracking.cost_micros);
  sink.text(TrackingField::currency, tracking.currency);
  put_numbered(sink, TrackingField::sub_ids, tracking.sub_ids);
}

template <typename Field>
void put_message(auto& sink, Field field, const auto& value, std::size_t size) noexcept {
  sink.message(field, size, [&](auto& inner) { put(inner, value); });
}

// Sizes of the parts of a payload that are messages themselves: measured once, used for measuring and for writing.
struct PartSizes {
  std::size_t id = 0;
  std::size_t visit = 0;
  std::size_t tracking = 0;
};

template <typename Payload>
PartSizes measure_parts(const Payload& payload) noexcept {
  return {size_of([&](auto& sink) { put(sink, payload.id); }), size_of([&](auto& sink) { put(sink, payload.visit); }),
          size_of([&](auto& sink) { put(sink, payload.tracking); })};
}
PartSizes measure_parts(const Postback& postback) noexcept {
  return {size_of([&](auto& sink) { put(sink, postback.click); }), 0, 0};
}

void put(auto& sink, const Click& click, const PartSizes& sizes) noexcept {
  put_message(sink, ClickField::id, click.id, sizes.id);
  put_message(sink, ClickField::visit, click.visit, sizes.visit);
  put_message(sink, ClickField::tracking, click.tracking, sizes.tracking);
  sink.varint(ClickField::stream, click.stream);
  sink.varint(ClickField::destination, click.destination);
  sink.varint(ClickField::source, click.source);
  sink.varint(ClickField::reason, number(click.reason));
  sink.varint(ClickField::unique, click.unique);
  sink.varint(ClickField::status, click.status);
  sink.text(ClickField::external_click_id, click.external_click_id);
  sink.varint(ClickField::affiliate, click.affiliate);
  sink.varint(ClickField::link, click.link);
  sink.varint(ClickField::number, click.number);
}

void put(auto& sink, const Trafficback& trafficback, const PartSizes& sizes) noexcept {
  put_message(sink, TrafficbackField::id, trafficback.id, sizes.id);
  put_message(sink, TrafficbackField::visit, trafficback.visit, sizes.visit);
  put_message(sink, TrafficbackField::tracking, trafficback.tracking, sizes.tracking);
  sink.varint(TrafficbackField::reason, number(trafficback.reason));
  sink.varint(TrafficbackField::campaign, trafficback.campaign);
  sink.varint(TrafficbackField::level, trafficback.level);
  sink.varint(TrafficbackField::hops, trafficback.hops);
  sink.varint(TrafficbackField::status, trafficback.status);
}

void put(auto& sink, const Postback& postback, const PartSizes& sizes) noexcept {
  using Field = PostbackMessageField;
  sink.varint(Field::conversion_id, postback.conversion_id);
  sink.varint(Field::network, postback.network);
  sink.varint(Field::affiliate, postback.affiliate);
  sink.varint(Field::verdict, number(postback.verdict));
  put_message(sink, Field::click, postback.click, sizes.id);
  sink.text(Field::click_text, postback.click_text);
  sink.text(Field::transaction, postback.transaction);
  sink.varint(Field::status, number(postback.status));
  sink.text(Field::raw_status, postback.raw_status);
  sink.text(Field::event, postback.event);
  sink.zigzag(Field::payout_micros, postback.payout_micros);
  sink.zigzag(Field::revenue_micros, postback.revenue_micros);
  sink.zigzag(Field::cost_micros, postback.cost_micros);
  sink.text(Field::currency, postback.currency);
  sink.text(Field::address, as_text(postback.address));
  sink.text(Field::method, postback.method);
  sink.text(Field::uri, postback.uri);
  sink.text(Field::body, postback.body);
  sink.varint(Field::verified, postback.verified);
  put_numbered(sink, Field::custom, postback.custom);
  sink.varint(Field::payout_given, postback.payout_given);
  sink.varint(Field::revenue_given, postback.revenue_given);
}

void put(auto& sink, const EventHeader& header) noexcept {
  sink.varint(EventField::time_us, header.time_us);
  sink.varint(EventField::edge, header.edge);
  sink.varint(EventField::slot, header.slot);
  sink.varint(EventField::epoch, header.epoch);
  sink.varint(EventField::generation, header.generation);
}

template <typename Payload>
std::size_t payload_size(const Payload& payload, const PartSizes& sizes) noexcept {
  return size_of([&](auto& sink) { put(sink, payload, sizes); });
}

template <typename Payload>
std::size_t encode(EventField field, const EventHeader& header, const Payload& payload, std::span<char> out) noexcept {
  const PartSizes sizes = measure_parts(payload);
  const std::size_t content = payload_size(payload, sizes);
  const std::size_t total = size_of([&](auto& sink) { put(sink, header); }) + message_size(number(field), content);
  if (total > out.size()) {
    return 0;
  }
  WriteSink sink{out.data()};
  put(sink, header);
  sink.open(field, content);  // even when empty: it says which event this is
  put(sink, payload, sizes);
  assert(sink.end() == out.data() + total);
  return total;
}

// Five varints with their tags, then tag and length of the payload.
constexpr std::size_t kEnvelopeLimit = 5 * (1 + 10) + 1 + 10;

template <typename Payload>
std::size_t size_limit(const Payload& payload) noexcept {
  return kEnvelopeLimit + payload_size(payload, measure_parts(payload));
}

}  // namespace

std::size_t encode_event(const EventHeader& header, const Click& click, std::span<char> out) noexcept {
  return encode(EventField::click, header, click, out);
}
std::size_t encode_event(const EventHeader& header, const Trafficback& trafficback, std::span<char> out) noexcept {
  return encode(EventField::trafficback, header, trafficback, out);
}
std::size_t encode_event(const EventHeader& header, const Postback& postback, std::span<char> out) noexcept {
  return encode(EventField::postback, header, postback, out);
}

std::size_t encoded_size_limit(const Click& click) noexcept {
  return size_limit(click);
}
std::size_t encoded_size_limit(const Trafficback& trafficback) noexcept {
  return size_limit(trafficback);
}
std::size_t encoded_size_limit(const Postback& postback) noexcept {
  return size_limit(postback);
}

}  // namespace tributary
