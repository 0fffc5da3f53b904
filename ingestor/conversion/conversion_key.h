#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "core/event/event.h"
#include "ingestor/conversion/duplicate_policy.h"
#include "ingestor/events/rows.h"

namespace tributary::ingest {

enum class KeyKind : std::int16_t { network_transaction = 1, network_click = 2, affiliate_click = 3 };

// What makes two postbacks the same conversion: columns key_owner, key_kind, key_event and key_subject. Their order
// here is the one in which every ingestor inserts and locks, so that two of them never wait for each other.
struct ConversionKey {
  std::int32_t owner = 0;
  KeyKind kind = KeyKind::network_transaction;
  std::string event;
  std::string subject;
  friend auto operator<=>(const ConversionKey&, const ConversionKey&) = default;
};

inline constexpr std::size_t kMaxKeyText = 1024;  // bytes of `event` and of `subject`

// Nothing when the postback names neither transaction nor click, so that nothing could tell it from another one.
// A rebill has a key of its own, whatever the policy: it adds to the sale of the same transaction instead of changing
// it. `identity` tells calls apart where each counts.
std::optional<ConversionKey> conversion_key(const Postback& postback, DuplicatePolicy policy,
                                            const RowIdentity& identity);

}  // namespace tributary::ingest
