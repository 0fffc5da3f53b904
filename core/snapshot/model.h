#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/click_id/click_id.h"
#include "core/event/event.h"
#include "core/postback/field.h"
#include "core/snapshot/generation.h"

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
enum class PostbackAuth : std::uint8_t { none = 1, token = 2, ip = 3, hmac = 4 };

struct Destination {
  std::uint32_t id = 0;
  State state = State::active;
  std::string url;  // template text; compiled by the builder
  std::uint32_t network = 0;
};

struct StreamDestination {
  std::uint32_t destination = 0;  // id
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
  std::vector<Campaign> campaigns;
  std::vector<Network> networks;
  std::vector<Team> teams;
  std::vector<ClickIdKey> click_keys;
  std::string trafficback;
};

}  // namespace tributary::model
