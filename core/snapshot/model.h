#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/generation.h"
#include "core/click_id/click_id.h"
#include "core/condition/model_condition.h"
#include "core/event/event.h"
#include "core/postback/field.h"
#include "core/url/macro.h"

// The configuration as plain values: what admin-api reads from PostgreSQL and the builder compiles.
namespace tributary::model {

struct Uuid {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

enum class State : std::uint8_t { active = 1, paused = 2, deleted = 3 };
enum class StreamKind : std::uint8_t { forced = 1, regular = 2, default_stream = 3 };
enum class Selector : std::uint8_t { weighted = 1, waterfall = 2, round_robin = 3, sticky = 4, best_roi = 5 };
enum class StreamOrder : std::uint8_t { priority = 0, weight = 1 };
enum class RedirectKind : std::uint8_t { http = 0, meta = 1, javascript = 2, hide_referrer = 3, json = 4 };
enum class PostbackAuth : std::uint8_t { none = 1, token = 2, ip = 3, hmac = 4 };
enum class PostbackAnswer : std::uint8_t { merged, status, data, plain, gif, empty };

enum class CapMeasure : std::uint8_t { clicks = 1, conversions = 2, payout = 3, revenue = 4 };
enum class Period : std::uint8_t { hour = 1, day = 2, week = 3, month = 4, total = 5 };

// When a destination takes visitors.
struct Schedule {
  std::uint8_t weekdays = 0x7f;        // bit 0 is Monday
  std::uint32_t opens_s = 0;           // seconds since midnight, below 86,400
  std::uint32_t closes_s = 86'400;     // not later than the opening: on the next day
  std::int32_t first_day = INT32_MIN;  // days since 1970-01-01
  std::int32_t last_day = INT32_MAX;
  std::string time_zone;  // IANA; empty: UTC
};

struct Cap {
  std::uint32_t slot = 0;  // assigned once, kept for the life of the cap
  std::uint16_t turn = 0;  // how often other caps had the slot before
  CapMeasure measure = CapMeasure::clicks;
  Period period = Period::day;
  std::int64_t amount = 0;  // how many, or millionths of `currency`
  std::string currency;     // payout and revenue only
  std::string time_zone;    // IANA; empty: UTC
  bool hard = true;
  std::uint8_t per = 0;  // clicks only: sub id whose values each have the amount for themselves; 0: all together
};

struct Destination {
  std::uint32_t id = 0;
  State state = State::active;
  std::string url;  // template text; compiled by the builder
  std::uint32_t network = 0;
  std::vector<Schedule> schedules{};
  std::vector<Cap> caps{};
  std::uint32_t overflow = 0;  // id of the destination that takes what a cap keeps away; 0: none
  std::int64_t payout_micros = 0;
  std::string currency{};
  std::uint16_t redirect_status = 0;  // 0: as the stream says, and `redirect_kind` says nothing
  RedirectKind redirect_kind = RedirectKind::http;
};

struct StreamDestination {
  std::uint32_t destination = 0;  // id
  std::uint32_t weight = 100;
};

struct Lander {
  std::uint32_t id = 0;
  State state = State::active;
  std::string url;  // template text
};

struct StreamLander {
  std::uint32_t lander = 0;  // id
  std::uint32_t weight = 100;
};

struct Stream {
  std::uint32_t id = 0;
  StreamKind kind = StreamKind::regular;
  std::int32_t priority = 0;
  std::uint32_t weight = 100;
  State state = State::active;
  Selector selector = Selector::weighted;
  std::uint32_t rotation_slot = 0;  // assigned once, kept for the life of the stream
  std::uint16_t redirect_status = 302;
  std::string trafficback;  // template text, may be empty
  std::vector<StreamDestination> destinations;
  std::vector<Condition> conditions;
  std::uint32_t anti_repeat_window_s = 0;  // 0: off
  std::uint8_t exploration_percent = 10;   // best ROI
  std::uint32_t minimum_sample = 100;      // best ROI
  RedirectKind redirect_kind = RedirectKind::http;
  std::vector<StreamLander> landers{};
  std::uint32_t lander_rotation_slot = 0;  // as rotation_slot; only where there are landers
};

// Streams that many campaigns have. Their rotation_slot is a place in `rotation_slots` of each campaign.
struct Rotation {
  std::uint32_t id = 0;
  std::vector<Stream> streams;
};

struct Campaign {
  std::uint32_t id = 0;
  Uuid team;
  State state = State::active;
  std::string host;  // lower case; empty: any
  std::string slug;
  StreamOrder stream_order = StreamOrder::priority;
  std::uint32_t source = 0;
  std::string currency;
  std::string trafficback;
  std::int64_t cost_micros = 0;
  std::vector<Stream> streams;
  std::uint32_t uniqueness_window_s = 0;        // 0: visitors are not told apart
  std::string landing;                          // template text: where links lead that have no URL of their own
  std::vector<std::string> next_hops;           // beginnings of URLs that a visible next hop may have
  std::uint32_t rotation = 0;                   // id; `streams` is empty then
  std::vector<std::uint32_t> rotation_slots{};  // for the rotation's streams; each kept for the life of the campaign
};

// A tracking link: /r/{code}.
struct Link {
  std::uint32_t id = 0;
  std::string code;
  State state = State::active;
  std::uint32_t campaign = 0;  // id
  std::uint32_t partner = 0;   // id
  std::string url;             // template text; empty: the landing of the campaign, else where its streams lead
};

// What a traffic source calls the parameters of a click.
struct Source {
  struct Name {
    std::string name;  // in any case
    Macro field{};     // a sub id, a UTM field, keyword, external_id, cost or currency
  };
  std::uint32_t id = 0;
  std::vector<Name> names;
  std::string currency{};  // of a cost in the query that names none
};

// A host of a team.
struct Domain {
  std::string host;  // lower case
  Uuid team;
  bool active = true;
  std::uint32_t campaign = 0;  // id of the default one; 0: none
};

struct ParameterMapping {
  PostbackField field{};
  std::vector<std::string> names;  // the first that is present wins
  std::string constant;
};

struct StatusMapping {
  std::string word;  // compared in lower case
  ConversionStatus status = ConversionStatus::unmapped;
};

struct SignatureSecret {
  std::string secret;
  std::uint64_t valid_until_ms = 0;  // 0: no end
};

enum class SignatureScheme : std::uint8_t { query, fields, body, timed_body, webhook };
enum class SignatureHash : std::uint8_t { sha256, sha1, md5 };

// See schema/snapshot.fbs.
enum class Envelope : std::uint8_t { none, awin, clickbank_ins };

// How a call is signed; see schema/snapshot.fbs.
struct CallSignature {
  SignatureScheme scheme = SignatureScheme::query;
  SignatureHash hash = SignatureHash::sha256;
  std::string carrier = "signature";
  std::vector<std::string> parameters{};
  std::string time{};
  std::uint32_t tolerance_s = 300;
};

struct Network {
  std::uint32_t id = 0;
  Uuid team;
  std::string key;
  State state = State::active;
  PostbackAuth auth = PostbackAuth::token;
  std::vector<std::array<std::uint8_t, 32>> secrets_sha256;
  std::vector<ParameterMapping> parameters;
  std::vector<StatusMapping> statuses;
  ConversionStatus default_status = ConversionStatus::sale;
  std::string currency;
  std::uint32_t click_window_s = 0;
  PostbackAnswer answer = PostbackAnswer::merged;
  std::vector<std::string> allowed;  // addresses and ranges, for auth ip
  CallSignature signature;           // for auth hmac
  std::vector<SignatureSecret> signature_secrets;
  Envelope envelope = Envelope::none;
};

// An affiliate or influencer.
struct Partner {
  std::uint32_t id = 0;
  Uuid team;
  State state = State::active;
  std::optional<Network> postback{};  // how its calls of /postback are taken; only what a network has besides its key
};

// Who reports customer events.
struct Advertiser {
  std::uint32_t id = 0;
  Uuid team;
  bool active = true;
  std::string currency = "USD";  // of events that name none
  bool signature_required = false;
  std::uint32_t signature_tolerance_s = 300;
  std::vector<SignatureSecret> signature_secrets{};
};

// A key that an advertiser's server proves itself with.
struct EventKey {
  std::array<std::uint8_t, 32> sha256{};
  std::uint32_t advertiser = 0;      // id
  std::uint64_t valid_until_ms = 0;  // 0: no end
};

struct Team {
  Uuid id;
  std::string trafficback;
};

struct Snapshot {
  Generation generation;
  Generation base;  // not empty: this is a delta over that base
  std::uint64_t created_ms = 0;
  std::vector<Destination> destinations;
  std::vector<Lander> landers;
  std::vector<Campaign> campaigns;
  std::vector<Rotation> rotations;
  std::vector<Network> networks;
  std::vector<Partner> partners;
  std::vector<Link> links;
  std::vector<Team> teams;
  std::vector<Source> sources;
  std::vector<Domain> domains;
  std::vector<Advertiser> advertisers;
  std::vector<EventKey> event_keys;
  std::vector<ClickIdKey> click_keys;
  std::string trafficback;
};

}  // namespace tributary::model
