#include <bit>
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

void put(auto& sink, const Place& place) noexcept {
  using Field = PlaceWireField;
  sink.text(Field::country, place.country);
  sink.text(Field::continent, place.continent);
  sink.text(Field::region, place.region);
  sink.text(Field::city, place.city);
  sink.text(Field::isp, place.isp);
  sink.text(Field::connection, place.connection);
  sink.varint(Field::asn, place.asn);
}

// A place of which nothing is known is written too: it says that somebody looked.
void put(auto& sink, const std::optional<Place>& place) noexcept {
  if (place) {
    const auto fill = [&](auto& inner) { put(inner, *place); };
    sink.present(VisitField::place, size_of(fill), fill);
  }
}

void put(auto& sink, const Visit& visit) noexcept {
  sink.text(VisitField::address, as_text(visit.address));
  sink.text(VisitField::user_agent, visit.user_agent);
  sink.text(VisitField::referrer, visit.referrer);
  sink.text(VisitField::language, visit.language);
  sink.text(VisitField::host, visit.host);
  sink.text(VisitField::query, visit.query);
  sink.varint(VisitField::labels, visit.labels);
  put(sink, visit.place);
}

// Which of them are present.
template <std::size_t kCount>
std::uint32_t present(const std::array<std::string_view, kCount>& values) noexcept {
  static_assert(kCount <= 32);
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < kCount; ++i) {
    bits |= static_cast<std::uint32_t>(!values[i].empty()) << i;
  }
  return bits;
}

template <std::size_t kCount>
void put_numbered(auto& sink, auto field, const std::array<std::string_view, kCount>& values,
                  std::uint32_t present_bits) noexcept {
  for (; present_bits != 0; present_bits &= present_bits - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(present_bits));
    const auto fill = [&](auto& inner) {
      inner.varint(SubIdField::index, i + 1);
      inner.text(SubIdField::value, values[i]);
    };
    sink.message(field, size_of(fill), fill);
  }
}

void put(auto& sink, const Tracking& tracking, std::uint32_t sub_ids) noexcept {
  sink.text(TrackingField::utm_source, tracking.utm_source);
  sink.text(TrackingField::utm_medium, tracking.utm_medium);
  sink.text(TrackingField::utm_campaign, tracking.utm_campaign);
  sink.text(TrackingField::utm_content, tracking.utm_content);
  sink.text(TrackingField::utm_term, tracking.utm_term);
  sink.text(TrackingField::external_id, tracking.external_id);
  sink.text(TrackingField::keyword, tracking.keyword);
  sink.zigzag(TrackingField::cost_micros, tracking.cost_micros);
  sink.text(TrackingField::currency, tracking.currency);
  put_numbered(sink, TrackingField::sub_ids, tracking.sub_ids, sub_ids);
}

template <typename Field, typename... More>
void put_message(auto& sink, Field field, std::size_t size, const auto& value, More... more) noexcept {
  sink.message(field, size, [&](auto& inner) { put(inner, value, more...); });
}

// The parts of a payload that are messages themselves.
template <typename Payload>
void measure_parts(const Payload& payload, EventSize& size) noexcept {
  size.id = size_of([&](auto& sink) { put(sink, payload.id); });
  size.visit = size_of([&](auto& sink) { put(sink, payload.visit); });
  size.numbered = present(payload.tracking.sub_ids);
  size.tracking = size_of([&](auto& sink) { put(sink, payload.tracking, size.numbered); });
}
void measure_parts(const Postback& postback, EventSize& size) noexcept {
  size.id = size_of([&](auto& sink) { put(sink, postback.click); });
  size.numbered = present(postback.custom);
}

void put(auto& sink, const Click& click, const EventSize& size) noexcept {
  put_message(sink, ClickField::id, size.id, click.id);
  put_message(sink, ClickField::visit, size.visit, click.visit);
  put_message(sink, ClickField::tracking, size.tracking, click.tracking, size.numbered);
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

void put(auto& sink, const Trafficback& trafficback, const EventSize& size) noexcept {
  put_message(sink, TrafficbackField::id, size.id, trafficback.id);
  put_message(sink, TrafficbackField::visit, size.visit, trafficback.visit);
  put_message(sink, TrafficbackField::tracking, size.tracking, trafficback.tracking, size.numbered);
  sink.varint(TrafficbackField::reason, number(trafficback.reason));
  sink.varint(TrafficbackField::campaign, trafficback.campaign);
  sink.varint(TrafficbackField::level, trafficback.level);
  sink.varint(TrafficbackField::hops, trafficback.hops);
  sink.varint(TrafficbackField::status, trafficback.status);
}

void put(auto& sink, const Postback& postback, const EventSize& size) noexcept {
  using Field = PostbackMessageField;
  sink.varint(Field::conversion_id, postback.conversion_id);
  sink.varint(Field::network, postback.network);
  sink.varint(Field::affiliate, postback.affiliate);
  sink.varint(Field::verdict, number(postback.verdict));
  put_message(sink, Field::click, size.id, postback.click);
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
  put_numbered(sink, Field::custom, postback.custom, size.numbered);
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
EventSize measure(EventField field, const EventHeader& header, const Payload& payload) noexcept {
  EventSize size;
  measure_parts(payload, size);
  size.payload = size_of([&](auto& sink) { put(sink, payload, size); });
  size.total = size_of([&](auto& sink) { put(sink, header); }) + message_size(number(field), size.payload);
  return size;
}

template <typename Payload>
void encode(EventField field, const EventHeader& header, const Payload& payload, const EventSize& size,
            char* out) noexcept {
  WriteSink sink{out};
  put(sink, header);
  sink.open(field, size.payload);  // even when empty: it says which event this is
  put(sink, payload, size);
  assert(sink.end() == out + size.total);
}

}  // namespace

EventSize measure_event(const EventHeader& header, const Click& click) noexcept {
  return measure(EventField::click, header, click);
}
EventSize measure_event(const EventHeader& header, const Trafficback& trafficback) noexcept {
  return measure(EventField::trafficback, header, trafficback);
}
EventSize measure_event(const EventHeader& header, const Postback& postback) noexcept {
  return measure(EventField::postback, header, postback);
}

void encode_event(const EventHeader& header, const Click& click, const EventSize& size, char* out) noexcept {
  encode(EventField::click, header, click, size, out);
}
void encode_event(const EventHeader& header, const Trafficback& trafficback, const EventSize& size,
                  char* out) noexcept {
  encode(EventField::trafficback, header, trafficback, size, out);
}
void encode_event(const EventHeader& header, const Postback& postback, const EventSize& size, char* out) noexcept {
  encode(EventField::postback, header, postback, size, out);
}

}  // namespace tributary
