#include <limits>
#include <protozero/pbf_reader.hpp>

#include "core/event/event.h"
#include "core/event/fields.h"

// protozero reports damage by exceptions; they end in decode_event. Known fields are matched with their wire type, so a
// known number of another type is skipped like an unknown field, as every protobuf reader does.
namespace tributary {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;
using namespace wire;

constexpr unsigned kMaxFields = 4096;  // of one event, submessages included

struct TooManyFields {};

// Steps through the fields of a message and of the messages in it, counting all of them.
class FieldBudget {
 public:
  bool next(pbf_reader& reader) {
    if (!reader.next()) {
      return false;
    }
    if (left_-- == 0) {
      throw TooManyFields{};
    }
    return true;
  }

 private:
  unsigned left_ = kMaxFields;
};

template <typename Field>
constexpr std::uint32_t varint_field(Field field) {
  return protozero::tag_and_type(static_cast<std::uint32_t>(field), pbf_wire_type::varint);
}
template <typename Field>
constexpr std::uint32_t text_field(Field field) {
  return protozero::tag_and_type(static_cast<std::uint32_t>(field), pbf_wire_type::length_delimited);
}
template <typename Field>
constexpr std::uint32_t fixed64_field(Field field) {
  return protozero::tag_and_type(static_cast<std::uint32_t>(field), pbf_wire_type::fixed64);
}

std::string_view text(pbf_reader& reader) {
  const auto view = reader.get_view();
  return {view.data(), view.size()};
}

std::span<const std::uint8_t> bytes(pbf_reader& reader) {
  const auto view = reader.get_view();
  return {reinterpret_cast<const std::uint8_t*>(view.data()), view.size()};
}

// A number beyond the range of the enum's type is one that this reader does not know.
template <typename Enum>
Enum enumerator(pbf_reader& reader) {
  const std::uint64_t value = reader.get_uint64();
  return value <= std::numeric_limits<std::underlying_type_t<Enum>>::max() ? static_cast<Enum>(value) : Enum{};
}

void read(pbf_reader reader, ClickIdentity& identity, FieldBudget& budget) {
  while (budget.next(reader)) {
    switch (reader.tag_and_type()) {
      case fixed64_field(IdentityField::high): identity.high = reader.get_fixed64(); break;
      case fixed64_field(IdentityField::low): identity.low = reader.get_fixed64(); break;
      default: reader.skip();
    }
  }
}

void read(pbf_reader reader, Place& place, FieldBudget& budget) {
  using Field = PlaceWireField;
  while (budget.next(reader)) {
    switch (reader.tag_and_type()) {
      case text_field(Field::country): place.country = text(reader); break;
      case text_field(Field::continent): place.continent = text(reader); break;
      case text_field(Field::region): place.region = text(reader); break;
      case text_field(Field::city): place.city = text(reader); break;
      case text_field(Field::isp): place.isp = text(reader); break;
      case text_field(Field::connection): place.connection = text(reader); break;
      case varint_field(Field::asn): place.asn = reader.get_uint32(); break;
      default: reader.skip();
    }
  }
}

void read(pbf_reader reader, Visit& visit, FieldBudget& budget) {
  while (budget.next(reader)) {
    switch (reader.tag_and_type()) {
      case text_field(VisitField::address): visit.address = bytes(reader); break;
      case text_field(VisitField::user_agent): visit.user_agent = text(reader); break;
      case text_field(VisitField::referrer): visit.referrer = text(reader); break;
      case text_field(VisitField::language): visit.language = text(reader); break;
      case text_field(VisitField::host): visit.host = text(reader); break;
      case text_field(VisitField::query): visit.query = text(reader); break;
      case varint_field(VisitField::labels): visit.labels = reader.get_uint32(); break;
      case text_field(VisitField::place):
        if (!visit.place) {
          visit.place.emplace();  // a repeat adds to it
        }
        read(reader.get_message(), *visit.place, budget);
        break;
      case text_field(VisitField::headers): visit.headers = text(reader); break;
      default: reader.skip();
    }
  }
}

// A number outside the slots that we have is dropped.
template <std::size_t kCount>
void read_numbered(pbf_reader reader, std::array<std::string_view, kCount>& values, FieldBudget& budget) {
  std::uint64_t index = 0;
  std::string_view value;
  while (budget.next(reader)) {
    switch (reader.tag_and_type()) {
      case varint_field(SubIdField::index): index = reader.get_uint64(); break;
      case text_field(SubIdField::value): value = text(reader); break;
      default: reader.skip();
    }
  }
  if (index >= 1 && index <= kCount) {
    values[index - 1] = value;
  }
}

void read(pbf_reader reader, Tracking& tracking, FieldBudget& budget) {
  while (budget.next(reader)) {
    switch (reader.tag_and_type()) {
      case text_field(TrackingField::utm_source): tracking.utm_source = text(reader); break;
      case text_field(TrackingField::utm_medium): tracking.utm_medium = text(reader); break;
      case text_field(TrackingField::utm_campaign): tracking.utm_campaign = text(reader); break;
      case text_field(TrackingField::utm_content): tracking.utm_content = text(reader); break;
      case text_field(TrackingField::utm_term): tracking.utm_term = text(reader); break;
      case text_field(TrackingField::external_id): tracking.external_id = text(reader); break;
      case text_field(TrackingField::keyword): tracking.keyword = text(reader); break;
      case varint_field(TrackingField::cost_micros): tracking.cost_micros = reader.get_sint64(); break;
      case text_field(TrackingField::currency): tracking.currency = text(reader); break;
      case text_field(TrackingField::sub_ids): read_numbered(reader.get_message(), tracking.sub_ids, budget); break;
      default: reader.skip();
    }
  }
}

void read(pbf_reader reader, Click& click, FieldBudget& budget) {
  while (budget.next(reader)) {
    switch (reader.tag_and_type()) {
      case text_field(ClickField::id): read(reader.get_message(), click.id, budget); break;
      case text_field(ClickField::visit): read(reader.get_message(), click.visit, budget); break;
      case text_field(ClickField::tracking): read(reader.get_message(), click.tracking, budget); break;
      case varint_field(ClickField::stream): click.stream = reader.get_uint32(); break;
      case varint_field(ClickField::destination): click.destination = reader.get_uint32(); break;
      case varint_field(ClickField::source): click.source = reader.get_uint32(); break;
      case varint_field(ClickField::reason): click.reason = enumerator<RoutingReason>(reader); break;
      case varint_field(ClickField::unique): click.unique = reader.get_uint32(); break;
      case varint_field(ClickField::status): click.status = reader.get_uint32(); break;
      case text_field(ClickField::external_click_id): click.external_click_id = text(reader); break;
      case varint_field(ClickField::affiliate): click.affiliate = reader.get_uint32(); break;
      case varint_field(ClickField::link): click.link = reader.get_uint32(); break;
      case varint_field(ClickField::number): click.number = reader.get_uint64(); break;
      case varint_field(ClickField::lander): click.lander = reader.get_uint32(); break;
      case varint_field(ClickField::tracking_in_query): click.tracking_in_query = reader.get_bool(); break;
      default: reader.skip();
    }
  }
  if (click.tracking_in_query) {
    Tracking cost;  // all that stands beside the query
    cost.cost_micros = click.tracking.cost_micros;
    cost.currency = click.tracking.currency;
    click.tracking = cost;
  }
}

void read(pbf_reader reader, LanderClick& lander_click, FieldBudget& budget) {
  using Field = LanderClickField;
  while (budget.next(reader)) {
    switch (reader.tag_and_type()) {
      case text_field(Field::id): read(reader.get_message(), lander_click.id, budget); break;
      case text_field(Field::click): read(reader.get_message(), lander_click.click, budget); break;
      case text_field(Field::visit): read(reader.get_message(), lander_click.visit, budget); break;
      case text_field(Field::tracking): read(reader.get_message(), lander_click.tracking, budget); break;
      case varint_field(Field::stream): lander_click.stream = reader.get_uint32(); break;
      case varint_field(Field::lander): lander_click.lander = reader.get_uint32(); break;
      case varint_field(Field::destination): lander_click.destination = reader.get_uint32(); break;
      case varint_field(Field::offer): lander_click.offer = reader.get_uint32(); break;
      case varint_field(Field::reason): lander_click.reason = enumerator<RoutingReason>(reader); break;
      case varint_field(Field::status): lander_click.status = reader.get_uint32(); break;
      default: reader.skip();
    }
  }
}

void read(pbf_reader reader, Trafficback& trafficback, FieldBudget& budget) {
  using Field = TrafficbackField;
  while (budget.next(reader)) {
    switch (reader.tag_and_type()) {
      case text_field(Field::id): read(reader.get_message(), trafficback.id, budget); break;
      case text_field(Field::visit): read(reader.get_message(), trafficback.visit, budget); break;
      case text_field(Field::tracking): read(reader.get_message(), trafficback.tracking, budget); break;
      case varint_field(Field::reason): trafficback.reason = enumerator<RoutingReason>(reader); break;
      case varint_field(Field::campaign): trafficback.campaign = reader.get_uint32(); break;
      case varint_field(Field::level): trafficback.level = reader.get_uint32(); break;
      case varint_field(Field::hops): trafficback.hops = reader.get_uint32(); break;
      case varint_field(Field::status): trafficback.status = reader.get_uint32(); break;
      case text_field(Field::click): read(reader.get_message(), trafficback.click, budget); break;
      case varint_field(Field::stream): trafficback.stream = reader.get_uint32(); break;
      case varint_field(Field::lander): trafficback.lander = reader.get_uint32(); break;
      case varint_field(Field::offer): trafficback.offer = reader.get_uint32(); break;
      default: reader.skip();
    }
  }
}

void read(pbf_reader reader, Postback& postback, FieldBudget& budget) {
  using Field = PostbackMessageField;
  while (budget.next(reader)) {
    switch (reader.tag_and_type()) {
      case varint_field(Field::conversion_id): postback.conversion_id = reader.get_uint64(); break;
      case varint_field(Field::network): postback.network = reader.get_uint32(); break;
      case varint_field(Field::affiliate): postback.affiliate = reader.get_uint32(); break;
      case varint_field(Field::verdict): postback.verdict = enumerator<PostbackVerdict>(reader); break;
      case text_field(Field::click): read(reader.get_message(), postback.click, budget); break;
      case text_field(Field::click_text): postback.click_text = text(reader); break;
      case text_field(Field::transaction): postback.transaction = text(reader); break;
      case varint_field(Field::status): postback.status = enumerator<ConversionStatus>(reader); break;
      case text_field(Field::raw_status): postback.raw_status = text(reader); break;
      case text_field(Field::event): postback.event = text(reader); break;
      case varint_field(Field::payout_micros): postback.payout_micros = reader.get_sint64(); break;
      case varint_field(Field::revenue_micros): postback.revenue_micros = reader.get_sint64(); break;
      case varint_field(Field::cost_micros): postback.cost_micros = reader.get_sint64(); break;
      case text_field(Field::currency): postback.currency = text(reader); break;
      case text_field(Field::address): postback.address = bytes(reader); break;
      case text_field(Field::method): postback.method = text(reader); break;
      case text_field(Field::uri): postback.uri = text(reader); break;
      case text_field(Field::body): postback.body = text(reader); break;
      case varint_field(Field::verified): postback.verified = reader.get_uint64() != 0; break;
      case text_field(Field::custom): read_numbered(reader.get_message(), postback.custom, budget); break;
      case varint_field(Field::payout_given): postback.payout_given = reader.get_uint64() != 0; break;
      case varint_field(Field::revenue_given): postback.revenue_given = reader.get_uint64() != 0; break;
      case text_field(Field::signature): postback.signature = text(reader); break;
      default: reader.skip();
    }
  }
}

void read(pbf_reader reader, CustomerEvent& event, FieldBudget& budget) {
  using Field = CustomerEventField;
  while (budget.next(reader)) {
    switch (reader.tag_and_type()) {
      case varint_field(Field::advertiser): event.advertiser = reader.get_uint32(); break;
      case fixed64_field(Field::id_high): event.id_high = reader.get_fixed64(); break;
      case fixed64_field(Field::id_low): event.id_low = reader.get_fixed64(); break;
      case varint_field(Field::action): event.action = enumerator<CustomerAction>(reader); break;
      case varint_field(Field::value_given): event.value_given = reader.get_uint64() != 0; break;
      case varint_field(Field::value_micros): event.value_micros = reader.get_sint64(); break;
      case text_field(Field::currency): event.currency = text(reader); break;
      case text_field(Field::coupon_code): event.coupon_code = text(reader); break;
      case text_field(Field::ref_code): event.ref_code = text(reader); break;
      case text_field(Field::landing_url): event.landing_url = text(reader); break;
      case text_field(Field::referrer): event.referrer = text(reader); break;
      case text_field(Field::click_text): event.click_text = text(reader); break;
      case text_field(Field::click): read(reader.get_message(), event.click, budget); break;
      case text_field(Field::customer_key): event.customer_key = text(reader); break;
      case text_field(Field::properties): event.properties = text(reader); break;
      case text_field(Field::address): event.address = bytes(reader); break;
      case varint_field(Field::verified): event.verified = reader.get_uint64() != 0; break;
      default: reader.skip();
    }
  }
}

// The payload is a oneof: a repeat of the same type adds to it, another type replaces it.
template <typename Payload>
void read_payload(pbf_reader& reader, Event& event, FieldBudget& budget) {
  if (!std::holds_alternative<Payload>(event.payload)) {
    event.payload.emplace<Payload>();
  }
  read(reader.get_message(), std::get<Payload>(event.payload), budget);
}

void note_unknown(pbf_reader& reader, Event& event) {
  auto* unknown = std::get_if<UnknownEvent>(&event.payload);
  const bool is_payload = reader.tag() >= kFirstPayloadField && reader.has_wire_type(pbf_wire_type::length_delimited);
  if (unknown != nullptr && is_payload) {
    unknown->field = reader.tag();
  }
  reader.skip();
}

void read(pbf_reader reader, Event& event, FieldBudget& budget) {
  while (budget.next(reader)) {
    switch (reader.tag_and_type()) {
      case varint_field(EventField::time_us): event.header.time_us = reader.get_uint64(); break;
      case varint_field(EventField::edge): event.header.edge = reader.get_uint32(); break;
      case varint_field(EventField::slot): event.header.slot = reader.get_uint32(); break;
      case varint_field(EventField::epoch): event.header.epoch = reader.get_uint32(); break;
      case varint_field(EventField::generation): event.header.generation = reader.get_uint64(); break;
      case text_field(EventField::click): read_payload<Click>(reader, event, budget); break;
      case text_field(EventField::trafficback): read_payload<Trafficback>(reader, event, budget); break;
      case text_field(EventField::postback): read_payload<Postback>(reader, event, budget); break;
      case text_field(EventField::customer_event): read_payload<CustomerEvent>(reader, event, budget); break;
      case text_field(EventField::lander_click): read_payload<LanderClick>(reader, event, budget); break;
      default: note_unknown(reader, event);
    }
  }
}

}  // namespace

Result<Event, EventError> decode_event(std::span<const char> bytes) noexcept {
  if (bytes.empty()) {
    return EventError::empty;
  }
  try {
    Event event;
    FieldBudget budget;
    read(pbf_reader{bytes.data(), bytes.size()}, event, budget);
    const auto* unknown = std::get_if<UnknownEvent>(&event.payload);
    if (unknown != nullptr && unknown->field == 0) {
      return EventError::no_payload;
    }
    return event;
  } catch (const TooManyFields&) {
    return EventError::too_many_fields;
  } catch (const protozero::end_of_buffer_exception&) {
    return EventError::truncated;
  } catch (...) {
    return EventError::malformed;
  }
}

}  // namespace tributary
