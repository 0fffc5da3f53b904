#pragma once

#include <memory>
#include <span>
#include <string>

#include "ingestor/batch/batch.h"
#include "ingestor/events/checks.h"
#include "ingestor/owners/known_owners.h"
#include "platform/enrich/enricher.h"

namespace tributary::ingest {

// Decodes, checks and encodes what is read, item by item, into one batch. One thread at a time.
class BatchBuilder {
 public:
  // Both must outlive the builder: `owners` is asked for the owner of each campaign and network, `enricher` about
  // each visitor.
  BatchBuilder(KnownOwners& owners, Enricher& enricher, const ClockLimits& clock);

  void add(const JournalTicket& journal, const JournalItem& item);

  // The same for a record that PostgreSQL has refused: it becomes a dead letter unseen.
  void add_refused(const JournalTicket& journal, const JournalItem& item, const std::string& detail);

  // A postback whose row is stored and that counts only now: no row, only what it does to its conversion. Returns why
  // it cannot, or an empty text.
  std::string add_redriven(std::span<const char> event, const RowIdentity& identity);

  const Batch& batch() const noexcept { return *batch_; }
  std::unique_ptr<Batch> take() { return std::move(batch_); }

 private:
  void keep(const JournalTicket& journal, const JournalItem& item);
  void add_record(const JournalTicket& journal, const JournalItem& item);
  void add_damage(const JournalTicket& journal, const JournalItem& item);
  void add_gap(const JournalTicket& journal, const JournalItem& item);
  void store(const EventHeader& header, const Click& click, const RowIdentity& identity);
  void store(const EventHeader& header, const Trafficback& trafficback, const RowIdentity& identity);
  void store(const EventHeader& header, const LanderClick& lander_click, const RowIdentity& identity);
  void store(const EventHeader& header, Postback postback, const RowIdentity& identity);
  // Whose it is; a click of another team changes the verdict.
  NetworkFacts sender_of(const Postback& postback);
  Owner judge_owner(Postback& postback, const NetworkFacts& network);
  // What it does to its conversion. False when nothing could tell it from another one. `bytes` is the whole event,
  // which is kept if it has to wait for its click.
  bool add_fact(const EventHeader& header, const Postback& postback, const RowIdentity& identity, const Owner& owner,
                const NetworkFacts& network, std::span<const char> bytes);
  void store(const EventHeader& header, const CustomerEvent& event, const RowIdentity& identity);
  void use_day(std::uint64_t time_us);
  void bury(const JournalTicket& journal, const JournalItem& item, std::string_view kind, const Rejection& rejection);

  KnownOwners& owners_;
  Enricher& enricher_;
  ClockLimits clock_;
  std::unique_ptr<Batch> batch_;
};

}  // namespace tributary::ingest
