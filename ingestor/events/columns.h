#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "core/event/event.h"
#include "ingestor/events/rows.h"
#include "platform/postgres/binary.h"

// Columns that several tables share.
namespace tributary::ingest {

// Text from outside: absent is null; what PostgreSQL cannot store is replaced by U+FFFD.
void write_text(BinaryWriter& out, std::string_view text);

// Numbered values: value n at [n], null where absent, cut after the last one given; null when there is none.
void write_numbered(BinaryWriter& out, std::span<const std::string_view> values);

// A click id, or null where there is none.
void write_click(BinaryWriter& out, const ClickIdentity& id);

// What every raw row says of its record. The batch is not known yet: its place holds a zero (see RowBuffer).
inline constexpr std::string_view kRecordColumns = "position, batch, generation, epoch, journal, edge, slot";
inline constexpr std::int16_t kRecordColumnCount = 7;
void write_record(BinaryWriter& out, const EventHeader& header, const RowIdentity& identity);

// What a click and a trafficback cost.
inline constexpr std::string_view kCostColumns = "cost, currency";
inline constexpr std::int16_t kCostColumnCount = 2;
void write_cost(BinaryWriter& out, const Tracking& tracking);

// What they and the click of a lander say of their request.
inline constexpr std::string_view kRequestColumns =
    "address, user_agent, referrer, language, host, query, headers, external_id, keyword,"
    " utm_source, utm_medium, utm_campaign, utm_content, utm_term, sub_ids";
inline constexpr std::int16_t kRequestColumnCount = 15;
void write_request(BinaryWriter& out, const Visit& visit, const Tracking& tracking);

// What is known of who sent it. 0 as the number of a network is null, and so is whether it is a bot when nobody could
// tell.
inline constexpr std::string_view kVisitorColumns =
    "country, continent, region, city, isp, asn, connection, device, brand, model, os, os_version, browser,"
    " browser_version, bot";
inline constexpr std::int16_t kVisitorColumnCount = 15;
void write_visitor(BinaryWriter& out, const VisitorFacts& facts, std::uint32_t labels);

// "table (column, ...)" as COPY takes it.
std::string copy_target(std::string_view table, std::initializer_list<std::string_view> column_lists);

}  // namespace tributary::ingest
