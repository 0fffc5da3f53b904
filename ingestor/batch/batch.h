#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/journal/journal_reader.h"
#include "ingestor/conversion/fold.h"
#include "ingestor/customer_event/customer_fact.h"
#include "ingestor/events/external_click.h"
#include "ingestor/events/row_buffer.h"
#include "ingestor/events/rows.h"
#include "ingestor/rollup/rollup.h"

namespace tributary::ingest {

// A journal that this process reads, as events.journals knows it.
struct JournalTicket {
  JournalId id{};
  std::uint32_t number = 0;
};

// How far a batch moves one journal.
struct Advance {
  JournalTicket journal;
  Position from = 0;
  Position next = 0;
};

// A record that is not stored as a row but kept, with its bytes.
struct DeadLetter {
  std::uint32_t journal = 0;
  Position position = 0;
  Position next = 0;
  std::string kind;
  std::string reason;
  std::string detail;
  std::string bytes;
  TeamId team{};
};

struct Incident {
  std::string kind;  // "gap" or "damaged"
  std::uint32_t journal = 0;
  Position from = 0;
  Position to = 0;
  std::string detail;
};

// What was read, kept until it is stored: a batch that PostgreSQL refuses is made again in halves from these.
struct ReadItem {
  JournalTicket journal;
  JournalItem::Kind kind = JournalItem::Kind::record;
  Position position = 0;
  Position next = 0;
  std::size_t offset = 0;  // of its bytes in Batch::raw
  std::size_t length = 0;
};

// Everything that one transaction stores.
struct Batch {
  RowBuffer clicks{kClickBytesBeforeBatch};
  RowBuffer trafficbacks{kTrafficbackBytesBeforeBatch};
  RowBuffer lander_clicks{kLanderClickBytesBeforeBatch};
  RowBuffer postbacks{kPostbackBytesBeforeBatch};
  std::vector<PostbackFact> facts;                   // of the postbacks that count
  std::vector<PostbackFact> decisions;               // on conversions that are there
  std::vector<ExternalPostback> external_postbacks;  // become facts when their click is found
  std::vector<ExternalClick> external_clicks;
  std::vector<CustomerFact> customer_events;  // rows are made of them in the transaction
  Rollup rollup;                              // without the conversions: these are known only after the merge
  std::vector<DeadLetter> dead_letters;
  std::vector<Incident> incidents;
  std::vector<Advance> advances;  // one per journal
  std::set<std::int32_t> days;    // UTC days since 1970 that the rows belong to
  std::vector<ReadItem> items;
  std::string raw;
  std::uint64_t journal_bytes = 0;

  std::size_t rows() const noexcept {
    return clicks.rows() + trafficbacks.rows() + lander_clicks.rows() + postbacks.rows() + customer_events.size();
  }
  bool empty() const noexcept { return items.empty(); }
};

}  // namespace tributary::ingest
