#include <cassert>

#include "core/event/event.h"
#include "core/event/fields.h"
#include "core/event/sinks.h"

namespace tributary {
namespace {

using namespace wire;

// How many bytes the length of a message within a message usually takes.
enum UsualLength : std::size_t { kShort = 1, kLong = 2 };  // up to 127 bytes, up to 16383

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
    sink.present(VisitField::place, kShort, [&](auto& inner) { put(inner, *place); });
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
  sink.text(VisitField::headers, visit.headers);
}

template <std::size_t kCount>
void put_numbered(auto& sink, auto field, const std::array<std::string_view, kCount>& values) noexcept {
  sink.each(values, [&](std::size_t i) {
    sink.message(field, kShort, [&](auto& inner) {
      inner.varint(SubIdField::index, i + 1);
      inner.text(SubIdField::value, values[i]);
    });
  });
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

// Of tracking that stands in the query.
struct CostOf {
  const Tracking& tracking;
};

void put(auto& sink, const CostOf& cost) noexcept {
  sink.zigzag(TrackingField::cost_micros, cost.tracking.cost_micros);
  sink.text(TrackingField::currency, cost.tracking.currency);
}

template <typename Field>
void put_message(auto& sink, Field field, UsualLength usual_length, const auto& value) noexcept {
  sink.message(field, usual_length, [&](auto& inner) { put(inner, value); });
}

void put(auto& sink, const Click& click) noexcept {
  put_message(sink, ClickField::id, kShort, click.id);
  put_message(sink, ClickField::visit, kLong, click.visit);
  if (click.tracking_in_query) {
    put_message(sink, ClickField::tracking, kShort, CostOf{click.tracking});
  } else {
    put_message(sink, ClickField::tracking, kShort, click.tracking);
  }
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
  sink.varint(ClickField::lander, click.lander);
  sink.varint(ClickField::tracking_in_query, click.tracking_in_query);
}

void put(auto& sink, const LanderClick& lander_click) noexcept {
  using Field = LanderClickField;
  put_message(sink, Field::id, kShort, lander_click.id);
  put_message(sink, Field::click, kShort, lander_click.click);
  put_message(sink, Field::visit, kLong, lander_click.visit);
  put_message(sink, Field::tracking, kShort, lander_click.tracking);
  sink.varint(Field::stream, lander_click.stream);
  sink.varint(Field::lander, lander_click.lander);
  sink.varint(Field::destination, lander_click.destination);
  sink.varint(Field::offer, lander_click.offer);
  sink.varint(Field::reason, number(lander_click.reason));
  sink.varint(Field::status, lander_click.status);
}

void put(auto& sink, const Trafficback& trafficback) noexcept {
  put_message(sink, TrafficbackField::id, kShort, trafficback.id);
  put_message(sink, TrafficbackField::visit, kLong, trafficback.visit);
  put_message(sink, TrafficbackField::tracking, kShort, trafficback.tracking);
  sink.varint(TrafficbackField::reason, number(trafficback.reason));
  sink.varint(TrafficbackField::campaign, trafficback.campaign);
  sink.varint(TrafficbackField::level, trafficback.level);
  sink.varint(TrafficbackField::hops, trafficback.hops);
  sink.varint(TrafficbackField::status, trafficback.status);
  put_message(sink, TrafficbackField::click, kShort, trafficback.click);
  sink.varint(TrafficbackField::stream, trafficback.stream);
  sink.varint(TrafficbackField::lander, trafficback.lander);
  sink.varint(TrafficbackField::offer, trafficback.offer);
}

void put(auto& sink, const Postback& postback) noexcept {
  using Field = PostbackMessageField;
  sink.varint(Field::conversion_id, postback.conversion_id);
  sink.varint(Field::network, postback.network);
  sink.varint(Field::affiliate, postback.affiliate);
  sink.varint(Field::verdict, number(postback.verdict));
  put_message(sink, Field::click, kShort, postback.click);
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
  sink.text(Field::signature, postback.signature);
}

void put(auto& sink, const CustomerEvent& event) noexcept {
  using Field = CustomerEventField;
  sink.varint(Field::advertiser, event.advertiser);
  sink.fixed64(Field::id_high, event.id_high);
  sink.fixed64(Field::id_low, event.id_low);
  sink.varint(Field::action, number(event.action));
  sink.varint(Field::value_given, event.value_given);
  sink.zigzag(Field::value_micros, event.value_micros);
  sink.text(Field::currency, event.currency);
  sink.text(Field::coupon_code, event.coupon_code);
  sink.text(Field::ref_code, event.ref_code);
  sink.text(Field::landing_url, event.landing_url);
  sink.text(Field::referrer, event.referrer);
  sink.text(Field::click_text, event.click_text);
  put_message(sink, Field::click, kShort, event.click);
  sink.text(Field::customer_key, event.customer_key);
  sink.text(Field::properties, event.properties);
  sink.text(Field::address, as_text(event.address));
  sink.varint(Field::verified, event.verified);
}

void put(auto& sink, const EventHeader& header) noexcept {
  sink.varint(EventField::time_us, header.time_us);
  sink.varint(EventField::edge, header.edge);
  sink.varint(EventField::slot, header.slot);
  sink.varint(EventField::epoch, header.epoch);
  sink.varint(EventField::generation, header.generation);
}

// The payload is there even when it is empty: it says which event this is.
template <typename Payload>
void put(auto& sink, const EventHeader& header, EventField field, const Payload& payload) noexcept {
  put(sink, header);
  sink.present(field, kLong, [&](auto& inner) { put(inner, payload); });
}

template <typename Payload>
std::size_t room_for(const EventHeader& header, EventField field, const Payload& payload) noexcept {
  RoomSink sink;
  put(sink, header, field, payload);
  return sink.room();
}

template <typename Payload>
std::size_t encode(const EventHeader& header, EventField field, const Payload& payload, char* out) noexcept {
  WriteSink sink{out};
  put(sink, header, field, payload);
  const auto size = static_cast<std::size_t>(sink.end() - out);
  assert(size <= room_for(header, field, payload));
  return size;
}

}  // namespace

std::size_t max_event_size(const EventHeader& header, const Click& click) noexcept {
  return room_for(header, EventField::click, click);
}
std::size_t max_event_size(const EventHeader& header, const Trafficback& trafficback) noexcept {
  return room_for(header, EventField::trafficback, trafficback);
}
std::size_t max_event_size(const EventHeader& header, const Postback& postback) noexcept {
  return room_for(header, EventField::postback, postback);
}
std::size_t max_event_size(const EventHeader& header, const LanderClick& lander_click) noexcept {
  return room_for(header, EventField::lander_click, lander_click);
}
std::size_t max_event_size(const EventHeader& header, const CustomerEvent& customer_event) noexcept {
  return room_for(header, EventField::customer_event, customer_event);
}

std::size_t encode_event(const EventHeader& header, const Click& click, char* out) noexcept {
  return encode(header, EventField::click, click, out);
}
std::size_t encode_event(const EventHeader& header, const Trafficback& trafficback, char* out) noexcept {
  return encode(header, EventField::trafficback, trafficback, out);
}
std::size_t encode_event(const EventHeader& header, const Postback& postback, char* out) noexcept {
  return encode(header, EventField::postback, postback, out);
}
std::size_t encode_event(const EventHeader& header, const LanderClick& lander_click, char* out) noexcept {
  return encode(header, EventField::lander_click, lander_click, out);
}
std::size_t encode_event(const EventHeader& header, const CustomerEvent& customer_event, char* out) noexcept {
  return encode(header, EventField::customer_event, customer_event, out);
}

}  // namespace tributary
