#pragma once

#include <cstdint>
#include <string>

#include "core/event/event.h"
#include "ingestor/events/row_buffer.h"
#include "ingestor/owners/owner.h"
#include "platform/enrich/visitor_facts.h"

// One event as one row of its table. The events must have passed their checks.
namespace tributary::ingest {

// The identity of an event, as rows carry it.
struct RowIdentity {
  std::uint32_t journal = 0;  // events.journals.number
  std::uint64_t position = 0;
};

void write_click_row(RowBuffer& rows, const EventHeader& header, const Click& click, const VisitorFacts& facts,
                     const Owner& owner, const RowIdentity& identity);
void write_trafficback_row(RowBuffer& rows, const EventHeader& header, const Trafficback& trafficback,
                           const VisitorFacts& facts, const Owner& owner, const RowIdentity& identity);
void write_lander_click_row(RowBuffer& rows, const EventHeader& header, const LanderClick& lander_click,
                            const VisitorFacts& facts, const Owner& owner, const RowIdentity& identity);
void write_postback_row(RowBuffer& rows, const EventHeader& header, const Postback& postback, const Owner& owner,
                        const RowIdentity& identity);

// Table and columns of each, in the order in which the rows are written, and what stands before the batch column.
const std::string& click_table();
const std::string& trafficback_table();
const std::string& lander_click_table();
const std::string& postback_table();
inline constexpr std::size_t kInt8Field = 4 + 8;
inline constexpr std::size_t kInt4Field = 4 + 4;
inline constexpr std::size_t kInt2Field = 4 + 2;
inline constexpr std::size_t kClickBytesBeforeBatch = 3 * kInt8Field;  // time, number, position
// time, number, position, batch, generation; epoch, journal, and campaign to link; edge, slot, reason, uniqueness
inline constexpr std::size_t kClickBytesBeforeLabels = 5 * kInt8Field + 9 * kInt4Field + 4 * kInt2Field;
inline constexpr std::size_t kTrafficbackBytesBeforeBatch = 2 * kInt8Field;  // time, position
inline constexpr std::size_t kLanderClickBytesBeforeBatch = 2 * kInt8Field;  // time, position
inline constexpr std::size_t kPostbackBytesBeforeBatch = 3 * kInt8Field;     // time, conversion_id, position

// The time that decides the partition: that of the id, or of the request where there is no id.
std::uint64_t click_time_us(const ClickIdentity& id) noexcept;
std::uint64_t trafficback_time_us(const EventHeader& header, const Trafficback& trafficback) noexcept;

}  // namespace tributary::ingest
