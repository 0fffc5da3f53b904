#include <cstdio>

#include "core/event/event.h"
#include "core/journal/journal_reader.h"
#include "core/journal/names.h"
#include "ingestor/commands/commands.h"

namespace tributary::ingest {
namespace {

std::string describe(const JournalItem& item) {
  if (item.kind == JournalItem::Kind::damaged) return "damaged";
  if (item.kind == JournalItem::Kind::gap) return "gap";
  const auto event = decode_event(item.bytes);
  if (!event) return "undecodable (" + std::string(event_error_name(event.error())) + ")";
  if (std::holds_alternative<Click>(event->payload)) return "click";
  if (std::holds_alternative<Trafficback>(event->payload)) return "trafficback";
  if (std::holds_alternative<LanderClick>(event->payload)) return "lander click";
  if (const auto* customer_event = std::get_if<CustomerEvent>(&event->payload)) {
    return "customer event " + std::string(customer_action_name(customer_event->action));
  }
  if (std::holds_alternative<Postback>(event->payload)) {
    return "postback " + std::string(postback_verdict_name(std::get<Postback>(event->payload).verdict));
  }
  return "unknown type";
}

// Calls `each` for every item of every journal; returns how many journals another reader holds.
template <typename Each>
int for_each_item(const std::string& journal_path, const std::string& run_path, Each each) {
  int busy = 0;
  for (const JournalInfo& info : list_journals(journal_path, run_path).journals) {
    auto reader = JournalReader::open(journal_path, run_path, info.id, info.first);
    if (!reader) {
      std::fprintf(stderr, "%s: %s\n", journal_id_text(info.id).c_str(), reader.error().message.c_str());
      ++busy;
      continue;
    }
    while (const auto item = (*reader)->read()) each(info, *item);
  }
  return busy;
}

}  // namespace

int journal_list_command(const IngestorSettings& settings) {
  const JournalListing listing = list_journals(settings.journal_path, settings.run_path);
  std::printf("%-36s %5s %5s %20s\n", "journal", "edge", "slot", "first position");
  for (const JournalInfo& info : listing.journals) {
    std::printf("%-36s %5u %5u %20llu\n", journal_id_text(info.id).c_str(), info.edge, info.slot,
                static_cast<unsigned long long>(info.first));
  }
  for (const std::string& ignored : listing.ignored) std::printf("ignored: %s\n", ignored.c_str());
  return 0;
}

int journal_dump_command(const std::string& journal_path, const std::string& run_path) {
  const int busy = for_each_item(journal_path, run_path, [](const JournalInfo& info, const JournalItem& item) {
    std::printf("%s %llu %llu %s\n", journal_id_text(info.id).c_str(), static_cast<unsigned long long>(item.position),
                static_cast<unsigned long long>(item.next), describe(item).c_str());
  });
  return busy == 0 ? 0 : 1;
}

int journal_verify_command(const std::string& journal_path, const std::string& run_path) {
  std::size_t records = 0;
  std::size_t bad = 0;
  const int busy = for_each_item(journal_path, run_path, [&](const JournalInfo& info, const JournalItem& item) {
    const bool good = item.kind == JournalItem::Kind::record && decode_event(item.bytes).ok();
    ++(good ? records : bad);
    if (good) return;
    std::printf("%s from %llu to %llu: %s\n", journal_id_text(info.id).c_str(),
                static_cast<unsigned long long>(item.position), static_cast<unsigned long long>(item.next),
                describe(item).c_str());
  });
  std::printf("%zu good records, %zu damaged, missing or undecodable ranges, %d journals not readable now\n", records,
              bad, busy);
  return bad == 0 && busy == 0 ? 0 : 1;
}

}  // namespace tributary::ingest
