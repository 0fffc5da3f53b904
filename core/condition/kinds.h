#pragma once

#include <cstdint>
#include <span>
#include <string_view>

// Every kind of condition that a stream may have: the one list that the compiler, the evaluator, the verifier, the API
// and docs/conditions.md go by.
namespace tributary {

// The numbers are in snapshots: they stay.
enum class ConditionKind : std::uint8_t {
  country = 1,
  region = 2,
  city = 3,
  continent = 4,
  isp = 5,
  asn = 6,
  connection = 7,
  ip = 8,
  ip_version = 9,
  language = 10,
  user_agent = 11,
  device = 12,
  brand = 13,
  model = 14,
  os = 15,
  os_version = 16,
  browser = 17,
  browser_version = 18,
  bot = 19,
  prefetch = 20,
  referrer = 21,
  search_engine = 22,
  keyword = 23,
  parameter = 24,
  sub_id = 25,
  external_id = 26,
  utm_source = 27,
  utm_medium = 28,
  utm_campaign = 29,
  utm_content = 30,
  utm_term = 31,
  header = 32,
  x_requested_with = 33,
  host = 34,
  query = 35,
  weekday = 36,
  time_of_day = 37,
  date = 38,
  unique = 39,
  click_limit = 40,
};
inline constexpr std::uint8_t kConditionKinds = 40;

// What an accepted text may be.
enum class ValueForm : std::uint8_t {
  text,        // the whole value; `*` and `?` make a mask, /.../ is a regular expression
  long_text,   // the same, but a plain text may stand anywhere in the value
  code,        // two letters
  version,     // "15", "10-12.4", ">=15"; or a text, for what is no number
  number,      // "15169", "64512-65534"
  address,     // "192.0.2.1", "192.0.2.0/24", "192.0.2.1-192.0.2.9", the same with IPv6
  ip_version,  // "4", "6"
  device,      // a name of DeviceType
  boolean,     // "true", "false"; nothing means true
  weekday,     // "mon", "1", "mon-fri"
  clock,       // "08:00-20:00"
  moment,      // "2026-12-24", "2026-12-24..2026-12-26", "2026-12-24T08:00.."
  limit,       // one number: becomes a cap of the stream
};

enum class ConditionArgument : std::uint8_t {
  none,
  parameter,  // name of a parameter of the query
  header,     // name of a header
  sub_id,     // 1 to 30
  scope,      // campaign, stream or global
  zone,       // IANA name; may be missing: UTC
  period,     // hour, day, week, month or total, then perhaps a zone: "day Europe/Berlin"
};

struct ConditionKindInfo {
  ConditionKind kind;
  std::string_view name;  // in the API
  ValueForm form;
  ConditionArgument argument;
  std::string_view example;  // an accepted text
};

// In the order of their numbers, from 1.
std::span<const ConditionKindInfo> condition_kinds() noexcept;

// nullptr when there is none.
const ConditionKindInfo* find_condition_kind(std::string_view name) noexcept;
const ConditionKindInfo* find_condition_kind(std::uint8_t number) noexcept;

}  // namespace tributary
