#pragma once

#include <cstdint>
#include <string_view>

namespace tributary {

// The id of an event: the same wherever and however often it is reported.
struct EventIdentity {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend bool operator==(const EventIdentity&, const EventIdentity&) = default;
};

// What an event is known by. Names of one kind never meet those of another.
enum class EventNaming : std::uint8_t {
  event_id = 1,         // the advertiser names each event
  idempotency_key = 2,  // the call has a name, the event its place in it
  signature = 3,        // the call is known by its signature: a repeat of the same bytes is the same call
  number = 4,           // nothing names it: a number that no other event of any edge has
};

EventIdentity event_identity(std::uint32_t advertiser, EventNaming naming, std::string_view name,
                             std::uint64_t place = 0) noexcept;

// "0123...", 32 hex digits with dashes, as PostgreSQL writes a uuid. `out` has 36 characters.
void write_event_id(const EventIdentity& id, char* out) noexcept;

}  // namespace tributary
