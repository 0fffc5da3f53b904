#pragma once

#include <cstdint>

// Field numbers of schema/events.proto, one enum for each message. The codec names fields only through these.
namespace tributary::wire {

enum class EventField : std::uint32_t {
  time_us = 1,
  edge = 2,
  slot = 3,
  epoch = 4,
  generation = 5,
  click = 10,
  trafficback = 11,
  postback = 12,
  customer_event = 13,
  lander_click = 15,
};
// Field numbers from here on belong to the payload: one that is not known is an event of a newer writer.
inline constexpr std::uint32_t kFirstPayloadField = 10;

enum class IdentityField : std::uint32_t { high = 1, low = 2 };

enum class VisitField : std::uint32_t {
  address = 1,
  user_agent = 2,
  referrer = 3,
  language = 4,
  host = 5,
  query = 6,
  labels = 7,
  place = 8,
  headers = 9,
};

enum class PlaceWireField : std::uint32_t {
  country = 1,
  continent = 2,
  region = 3,
  city = 4,
  isp = 5,
  connection = 6,
  asn = 7,
};

enum class TrackingField : std::uint32_t {
  utm_source = 1,
  utm_medium = 2,
  utm_campaign = 3,
  utm_content = 4,
  utm_term = 5,
  external_id = 6,
  keyword = 7,
  cost_micros = 8,
  currency = 9,
  sub_ids = 10,
};

enum class SubIdField : std::uint32_t { index = 1, value = 2 };

enum class ClickField : std::uint32_t {
  id = 1,
  visit = 2,
  tracking = 3,
  stream = 4,
  destination = 5,
  source = 6,
  reason = 7,
  unique = 8,
  status = 9,
  external_click_id = 10,
  affiliate = 11,
  link = 12,
  number = 13,
  lander = 14,
  tracking_in_query = 15,
};

enum class LanderClickField : std::uint32_t {
  id = 1,
  click = 2,
  visit = 3,
  tracking = 4,
  stream = 5,
  lander = 6,
  destination = 7,
  offer = 8,
  reason = 9,
  status = 10,
};

enum class TrafficbackField : std::uint32_t {
  id = 1,
  visit = 2,
  tracking = 3,
  reason = 4,
  campaign = 5,
  level = 6,
  hops = 7,
  status = 8,
  click = 9,
  stream = 10,
  lander = 11,
  offer = 12,
};

enum class PostbackMessageField : std::uint32_t {
  conversion_id = 1,
  network = 2,
  affiliate = 3,
  verdict = 4,
  click = 5,
  click_text = 6,
  transaction = 7,
  status = 8,
  raw_status = 9,
  event = 10,
  payout_micros = 11,
  revenue_micros = 12,
  cost_micros = 13,
  currency = 14,
  address = 15,
  method = 16,
  uri = 17,
  body = 18,
  verified = 19,
  custom = 20,
  payout_given = 21,
  revenue_given = 22,
  signature = 23,
};

enum class CustomerEventField : std::uint32_t {
  advertiser = 1,
  id_high = 2,
  id_low = 3,
  action = 4,
  value_given = 5,
  value_micros = 6,
  currency = 7,
  coupon_code = 8,
  ref_code = 9,
  landing_url = 10,
  referrer = 11,
  click_text = 12,
  click = 13,
  customer_key = 14,
  properties = 15,
  address = 16,
  verified = 17,
};

}  // namespace tributary::wire
