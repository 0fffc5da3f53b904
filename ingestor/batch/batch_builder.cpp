#include "ingestor/batch/batch_builder.h"

#include <algorithm>
#include <variant>

#include "core/postback/postback_mapper.h"
#include "core/request/tracking_in_query.h"
#include "ingestor/conversion/postback_fact.h"

namespace tributary::ingest {
namespace {

constexpr std::uint64_t kDayUs = 86'400ull * 1'000'000;
constexpr std::size_t kMaxDeadLetterBytes = 1u << 20;  // a longer damaged range becomes several dead letters

struct Checked {
  std::string_view kind;
  std::optional<Rejection> rejection;
};

Checked check(const Event& event, const ClockLimits& clock) {
  if (const auto* click = std::get_if<Click>(&event.payload)) {
    return {"click", check_click(event.header, *click, clock)};
  }
  if (const auto* trafficback = std::get_if<Trafficback>(&event.payload)) {
    return {"trafficback", check_trafficback(event.header, *trafficback, clock)};
  }
  if (const auto* lander_click = std::get_if<LanderClick>(&event.payload)) {
    return {"lander_click", check_lander_click(event.header, *lander_click, clock)};
  }
  if (const auto* postback = std::get_if<Postback>(&event.payload)) {
    return {"postback", check_postback(event.header, *postback, clock)};
  }
  if (const auto* customer_event = std::get_if<CustomerEvent>(&event.payload)) {
    return {"customer_event", check_customer_event(event.header, *customer_event, clock)};
  }
  const auto field = std::get<UnknownEvent>(event.payload).field;
  return {"unknown", Rejection{"unknown_type", "payload field " + std::to_string(field)}};
}

// Two teams. The edge says so too, but not when it has forgotten the campaign because it was deleted.
bool is_foreign(const Owner& owner, const NetworkFacts& network) noexcept {
  return owner.team != TeamId{} && network.team != TeamId{} && owner.team != network.team;
}

ExternalClick external_click_of(const Click& click, const Owner& owner, std::size_t row) {
  return {.affiliate = static_cast<std::int32_t>(click.affiliate),
          .id = std::string(click.external_click_id),
          .number = static_cast<std::int64_t>(click.number),
          .click = click.id,
          .time_us = click_time_us(click.id),
          .owner = owner,
          .row = row,
          .labels = click.visit.labels,
          .cost_micros = click.tracking.cost_micros,
          .currency = std::string(click.tracking.currency)};
}

}  // namespace

BatchBuilder::BatchBuilder(KnownOwners& owners, Enricher& enricher, const ClockLimits& clock)
    : owners_(owners), enricher_(enricher), clock_(clock), batch_(std::make_unique<Batch>()) {}

void BatchBuilder::add(const JournalTicket& journal, const JournalItem& item) {
  keep(journal, item);
  switch (item.kind) {
    case JournalItem::Kind::record: return add_record(journal, item);
    case JournalItem::Kind::damaged: return add_damage(journal, item);
    case JournalItem::Kind::gap: return add_gap(journal, item);
  }
}

void BatchBuilder::add_refused(const JournalTicket& journal, const JournalItem& item, const std::string& detail) {
  keep(journal, item);
  const auto event = decode_event(item.bytes);
  bury(journal, item, event ? check(*event, clock_).kind : "unknown", Rejection{"rejected", detail});
}

void BatchBuilder::keep(const JournalTicket& journal, const JournalItem& item) {
  batch_->items.push_back({journal, item.kind, item.position, item.next, batch_->raw.size(), item.bytes.size()});
  batch_->raw.append(item.bytes.data(), item.bytes.size());
  batch_->journal_bytes += item.next - item.position;
  auto& advances = batch_->advances;
  const auto own = std::find_if(advances.begin(), advances.end(),
                                [&](const Advance& advance) { return advance.journal.number == journal.number; });
  if (own == advances.end()) {
    advances.push_back({journal, item.position, item.next});
  } else {
    own->next = item.next;
  }
}

void BatchBuilder::add_record(const JournalTicket& journal, const JournalItem& item) {
  auto event = decode_event(item.bytes);
  if (!event) {
    return bury(journal, item, "unknown", Rejection{"malformed", std::string(event_error_name(event.error()))});
  }
  complete_tracking(*event);
  const auto [kind, rejection] = check(*event, clock_);
  if (rejection) return bury(journal, item, kind, *rejection);
  const RowIdentity identity{journal.number, item.position};
  std::visit(
      [&](const auto& payload) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(payload)>, UnknownEvent>) {
          store(event->header, payload, identity);
        }
      },
      event->payload);
}

void BatchBuilder::store(const EventHeader& header, const Click& click, const RowIdentity& identity) {
  const Owner owner = owners_.campaign(static_cast<std::int32_t>(unpack_click_id(click.id).campaign));
  write_click_row(batch_->clicks, header, click, enricher_.look(click.visit), owner, identity);
  use_day(click_time_us(click.id));
  if (click.external_click_id.empty()) {
    batch_->rollup.add_click(owner, click_time_us(click.id), click);
  } else {
    batch_->external_clicks.push_back(external_click_of(click, owner, batch_->clicks.rows() - 1));
  }
}

void BatchBuilder::store(const EventHeader& header, const Trafficback& trafficback, const RowIdentity& identity) {
  const Owner owner = owners_.campaign(static_cast<std::int32_t>(trafficback.campaign));
  write_trafficback_row(batch_->trafficbacks, header, trafficback, enricher_.look(trafficback.visit), owner, identity);
  batch_->rollup.add_trafficback(owner, trafficback_time_us(header, trafficback), trafficback);
  use_day(trafficback_time_us(header, trafficback));
}

void BatchBuilder::store(const EventHeader& header, const LanderClick& lander_click, const RowIdentity& identity) {
  const Owner owner = owners_.campaign(static_cast<std::int32_t>(unpack_click_id(lander_click.click).campaign));
  const std::uint64_t time_us = click_time_us(lander_click.id);
  write_lander_click_row(batch_->lander_clicks, header, lander_click, enricher_.look(lander_click.visit), owner,
                         identity);
  batch_->rollup.add_lander_click(owner, time_us);
  use_day(time_us);
}

void BatchBuilder::store(const EventHeader& header, Postback postback, const RowIdentity& identity) {
  const NetworkFacts sender = sender_of(postback);
  const Owner owner = judge_owner(postback, sender);
  write_postback_row(batch_->postbacks, header, postback, owner, identity);
  batch_->rollup.add_postback(owner, header.time_us);
  use_day(header.time_us);
  if (!counts_as_conversion(postback.verdict)) return;
  const ReadItem& item = batch_->items.back();
  add_fact(header, postback, identity, owner, sender, {batch_->raw.data() + item.offset, item.length});
}

// An affiliate has of a network's facts only its team.
NetworkFacts BatchBuilder::sender_of(const Postback& postback) {
  if (postback.network != 0) return owners_.network(static_cast<std::int32_t>(postback.network));
  NetworkFacts affiliate;
  affiliate.team = owners_.affiliate_team(static_cast<std::int32_t>(postback.affiliate));
  return affiliate;
}

Owner BatchBuilder::judge_owner(Postback& postback, const NetworkFacts& network) {
  Owner owner = owners_.campaign(static_cast<std::int32_t>(unpack_click_id(postback.click).campaign));
  if (is_foreign(owner, network)) {
    postback.verdict = PostbackVerdict::foreign_click;
    owner = Owner{};  // the call is its sender's, whatever click it names
  }
  if (owner.team == TeamId{}) owner.team = network.team;
  return owner;
}

bool BatchBuilder::add_fact(const EventHeader& header, const Postback& postback, const RowIdentity& identity,
                            const Owner& owner, const NetworkFacts& network, std::span<const char> bytes) {
  auto key = conversion_key(postback, policy_of(postback, network), identity);
  if (!key) return false;
  PostbackFact fact = fact_of(header, postback, identity, owner, std::move(*key), network);
  if (names_external_click(postback)) {
    batch_->external_postbacks.push_back({std::move(fact), std::string(bytes.begin(), bytes.end()), 0});
  } else {
    batch_->facts.push_back(std::move(fact));
  }
  return true;
}

std::string BatchBuilder::add_redriven(std::span<const char> bytes, const RowIdentity& identity) {
  auto event = decode_event(bytes);
  auto* postback = event ? std::get_if<Postback>(&event->payload) : nullptr;
  if (postback == nullptr) return "the queued event is no postback";
  if (const auto rejection = check(*event, clock_).rejection) {
    return std::string(rejection->reason) + ": " + rejection->detail;
  }
  const NetworkFacts network = sender_of(*postback);
  const Owner owner = judge_owner(*postback, network);
  if (!counts_as_conversion(postback->verdict)) return std::string(postback_verdict_name(postback->verdict));
  if (add_fact(event->header, *postback, identity, owner, network, bytes)) return {};
  return "names neither transaction nor click";
}

void BatchBuilder::store(const EventHeader& header, const CustomerEvent& event, const RowIdentity& identity) {
  batch_->customer_events.push_back(customer_fact(header, event, identity));
  use_day(header.time_us);
}

void BatchBuilder::add_damage(const JournalTicket& journal, const JournalItem& item) {
  batch_->incidents.push_back({"damaged", journal.number, item.position, item.next, "bytes kept as dead letters"});
  for (std::size_t at = 0; at < item.bytes.size(); at += kMaxDeadLetterBytes) {
    const auto piece = item.bytes.subspan(at, std::min(kMaxDeadLetterBytes, item.bytes.size() - at));
    batch_->dead_letters.push_back({journal.number,
                                    item.position + at,
                                    item.position + at + piece.size(),
                                    "damaged",
                                    "damaged",
                                    "does not check",
                                    std::string(piece.begin(), piece.end()),
                                    {}});
  }
}

void BatchBuilder::add_gap(const JournalTicket& journal, const JournalItem& item) {
  batch_->incidents.push_back(
      {"gap", journal.number, item.position, item.next, "a segment is missing: its records are lost"});
}

void BatchBuilder::use_day(std::uint64_t time_us) {
  batch_->days.insert(static_cast<std::int32_t>(time_us / kDayUs));
}

void BatchBuilder::bury(const JournalTicket& journal, const JournalItem& item, std::string_view kind,
                        const Rejection& rejection) {
  batch_->dead_letters.push_back({journal.number,
                                  item.position,
                                  item.next,
                                  std::string(kind),
                                  std::string(rejection.reason),
                                  rejection.detail,
                                  std::string(item.bytes.begin(), item.bytes.end()),
                                  {}});
}

}  // namespace tributary::ingest
