#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/event/event.h"
#include "ingestor/conversion/conversion_key.h"
#include "ingestor/conversion/duplicate_policy.h"
#include "ingestor/conversion/standing.h"
#include "ingestor/owners/owner.h"

namespace tributary::ingest {

// Amounts that belong together: they come from one postback.
struct Amounts {
  std::optional<std::int64_t> payout;
  std::optional<std::int64_t> revenue;
  std::optional<std::int64_t> cost;
  std::string currency;
  friend bool operator==(const Amounts&, const Amounts&) = default;
  bool empty() const noexcept { return !payout && !revenue && !cost; }
};

// A click as its id tells it, without its row.
struct ClickReference {
  ClickIdentity id;
  std::string text;
  std::int32_t campaign = 0;
  friend bool operator==(const ClickReference&, const ClickReference&) = default;
};

// A status that no call of a network set.
struct Decision {
  bool by_rule = false;  // a hold that ended: it weighs as much as a call; by hand it outweighs every call
  TeamId user{};         // who did it, zero where nobody did
  std::string note;
};

// One postback that counts, or one decision, with all that the fold looks at. Owns its text.
struct PostbackFact {
  ConversionKey key;
  std::uint64_t time_us = 0;
  std::uint32_t journal = 0;
  std::uint64_t position = 0;
  std::int64_t conversion_id = 0;
  std::int32_t network = 0;
  std::int32_t affiliate = 0;
  ConversionStatus status = ConversionStatus::unmapped;
  bool back_to_sale = false;  // of the network: a later sale beats an earlier rejection
  DuplicatePolicy policy = DuplicatePolicy::update;
  std::string raw_status;
  std::string transaction;
  std::string event;
  Amounts amounts;
  ClickReference click;
  bool verified = false;
  std::string signature;        // of a signed call, see Postback
  bool several_clicks = false;  // its external click id has clicks in several campaigns: `click` is the latest
  Owner owner;                  // who the conversion belongs to, judged by the click or, without one, by the network
  std::optional<Decision> decision = {};  // then it changes the status and nothing else
};

// A postback of an affiliate that names a click by the id of its caller: which click that is, is looked up while it is
// stored.
struct ExternalPostback {
  PostbackFact fact;
  std::string event;  // as it was recorded
  std::int32_t attempts = 0;
};

// One conversion: the fold of all its postbacks, the same in whatever order they come.
//   status    of the greatest: lead < sale < rejected or trash < set by hand; among equals the latest
//   amounts   of the greatest that names any, all from that one
//   click     of the earliest that names one
//   first and last time received
// Where duplicates are ignored, status and amounts are those of the earliest; where they add up, the amounts are the
// sum of all that are not rejected or trash.
struct ConversionState {
  std::int32_t postbacks = 0;
  Standing first;  // rank 0
  std::uint64_t last_us = 0;
  ConversionStatus status = ConversionStatus::unmapped;
  std::string raw_status;
  bool verified = false;
  Standing status_from;
  Amounts amounts;
  Standing money_from;
  ClickReference click;
  Standing click_from;  // rank 0
  Owner owner;          // goes with the click, or with the first postback while there is none
  friend bool operator==(const ConversionState&, const ConversionState&) = default;
};

// Does not look at anything but its arguments.
void fold(ConversionState& state, const PostbackFact& postback);

std::uint8_t status_rank(ConversionStatus status, bool back_to_sale) noexcept;

}  // namespace tributary::ingest
