#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/event/event.h"
#include "platform/postgres/binary.h"

// Columns that several tables share.
namespace tributary::ingest {

// Text from outside: absent is null; what PostgreSQL cannot store is replaced by U+FFFD.
void write_text(BinaryWriter& out, std::string_view text);

// Numbered values: value n at [n], null where absent, cut after the last one given; null when there is none.
void write_numbered(BinaryWriter& out, std::span<const std::string_view> values);

// address ... query, in the order of the tables.
void write_visit(BinaryWriter& out, const Visit& visit);

// A cost of zero is null: the query named none.
void write_cost(BinaryWriter& out, std::int64_t cost_micros, std::string_view currency);

inline void write_utm(BinaryWriter& out, const Tracking& tracking) {
  for (const std::string_view text :
       {tracking.utm_source, tracking.utm_medium, tracking.utm_campaign, tracking.utm_content, tracking.utm_term}) {
    write_text(out, text);
  }
}

}  // namespace tributary::ingest
