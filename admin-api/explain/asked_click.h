#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/generation.h"
#include "core/click_id/click_id.h"
#include "core/geo/place.h"
#include "core/visitor/agent.h"

namespace tributary::admin {

// What became of a click that was recorded.
struct RecordedDecision {
  std::uint32_t stream = 0;       // of a click
  std::uint32_t destination = 0;  // of a click; 0: trafficback or lander
  std::uint32_t lander = 0;       // that was shown, or whose link was followed
  std::uint32_t level = 0;        // of a trafficback
  int reason = 0;
  std::uint32_t unique = 0;
};

// A link of a lander that was followed.
struct RecordedLink {
  ClickIdentity click;  // that goes on
  std::uint32_t offer = 0;
};

// Who clicked, where the record says it. Owns its texts; `place` and `agent` point into them.
struct RecordedVisitor {
  RecordedVisitor() = default;
  RecordedVisitor(RecordedVisitor&&) = default;
  RecordedVisitor& operator=(RecordedVisitor&&) = default;

  std::vector<std::string> texts;
  Place place;
  std::optional<Agent> agent;
};

// A click to explain: one that somebody describes, or one that was recorded.
struct AskedClick {
  std::string host;  // lower case, without port
  std::string slug;
  std::string query;
  std::string user_agent;
  std::string referrer;
  std::string language;
  std::map<std::string, std::string, std::less<>> headers;  // names in lower case
  std::vector<std::uint8_t> address;                        // 4 or 16 bytes, or none
  std::uint32_t labels = 0;
  std::uint64_t now_ms = 0;
  std::uint64_t draw = 0;             // another number: other random choices
  std::optional<std::uint64_t> turn;  // place in the rotation of the stream
  std::optional<Generation> generation;

  // Of a recorded one.
  ClickIdentity id;
  std::string recorded_headers;  // core/visitor/asked_headers.h
  std::uint32_t campaign = 0;    // 0: none was found
  std::optional<RecordedDecision> decided;
  std::optional<RecordedLink> link;  // the record is of a link of a lander
  RecordedVisitor visitor;
};

}  // namespace tributary::admin
