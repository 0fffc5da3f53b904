// tributary-journal-dump: what is still in the journals of one instance, one JSON object per line. For the conservation
// check: stop the ingestor first, a journal has one reader.
#include <algorithm>
#include <cstdio>
#include <string>

#include "core/condition/address.h"
#include "core/event/event.h"
#include "core/journal/journal_reader.h"
#include "core/journal/names.h"
#include "core/request/tracking_in_query.h"

namespace tributary::tools {
namespace {

std::string hex(std::uint64_t high, std::uint64_t low) {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(high),
                static_cast<unsigned long long>(low));
  return text;
}

// The ids of the tests are plain ASCII; anything else is shown as '?'.
std::string plain(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~' || c == '"' || c == '\\'; }, '?');
  return out;
}

// What the edge wrote of the visitor.
std::string seen(const Visit& visit, RoutingReason reason) {
  const auto address = address_number(visit.address);
  return R"(,"address":")" + (address ? address_text(*address) : "") + R"(","country":")" +
         plain(visit.place ? visit.place->country : "") + R"(","headers":")" + plain(visit.headers) +
         R"(","referrer":")" + plain(visit.referrer) + R"(","reason":")" + std::string(routing_reason_name(reason)) +
         '"';
}

std::string number(const char* name, std::uint64_t value) {
  return std::string(",\"") + name + "\":" + std::to_string(value);
}

struct Describe {
  std::string operator()(const UnknownEvent&) const { return R"("type":"unknown")"; }
  std::string operator()(const Click& c) const {
    return R"("type":"click","click":")" + hex(c.id.high, c.id.low) + R"(","sub1":")" + plain(c.tracking.sub_ids[0]) +
           '"' + seen(c.visit, c.reason) + number("labels", c.visit.labels) + number("status", c.status) +
           number("stream", c.stream) + number("destination", c.destination) + number("affiliate", c.affiliate) +
           number("lander", c.lander) + number("link", c.link) + number("number", c.number) + R"(,"external":")" +
           plain(c.external_click_id) + '"';
  }
  std::string operator()(const Trafficback& t) const {
    return R"("type":"trafficback","click":")" + hex(t.id.high, t.id.low) + R"(","sub1":")" +
           plain(t.tracking.sub_ids[0]) + '"' + seen(t.visit, t.reason) + number("labels", t.visit.labels) +
           number("hops", t.hops) + number("status", t.status);
  }
  std::string operator()(const LanderClick& l) const {
    return R"("type":"lander_click","id":")" + hex(l.id.high, l.id.low) + R"(","click":")" +
           hex(l.click.high, l.click.low) + R"(","sub1":")" + plain(l.tracking.sub_ids[0]) + '"' +
           seen(l.visit, l.reason) + number("labels", l.visit.labels) + number("status", l.status) +
           number("stream", l.stream) + number("lander", l.lander) + number("destination", l.destination) +
           number("offer", l.offer);
  }
  std::string operator()(const Postback& p) const {
    return R"("type":"postback","conversion":)" + std::to_string(p.conversion_id) + R"(,"transaction":")" +
           plain(p.transaction) + R"(","verdict":")" + std::string(postback_verdict_name(p.verdict)) + '"';
  }
  std::string operator()(const CustomerEvent& e) const {
    return R"("type":"customer_event","id":")" + hex(e.id_high, e.id_low) + '"' + number("advertiser", e.advertiser) +
           number("action", static_cast<std::uint64_t>(e.action));
  }
};

std::string describe(const JournalItem& item) {
  if (item.kind == JournalItem::Kind::gap) return R"("type":"gap")";
  if (item.kind == JournalItem::Kind::damaged) return R"("type":"damaged")";
  auto event = decode_event(item.bytes);
  if (!event) return R"("type":"undecodable")";
  complete_tracking(*event);
  return std::visit(Describe{}, event->payload) + R"(,"generation":)" + std::to_string(event->header.generation);
}

bool dump(const std::string& journal_path, const std::string& run_path, const JournalInfo& journal) {
  auto reader = JournalReader::open(journal_path, run_path, journal.id, journal.first);
  if (!reader) {
    std::fprintf(stderr, "%s: %s\n", journal_id_text(journal.id).c_str(), reader.error().message.c_str());
    return false;
  }
  while (const auto item = (*reader)->read()) {
    std::printf(R"({"journal":"%s","position":%llu,"next":%llu,%s})"
                "\n",
                journal_id_text(journal.id).c_str(), static_cast<unsigned long long>(item->position),
                static_cast<unsigned long long>(item->next), describe(*item).c_str());
  }
  return true;
}

}  // namespace
}  // namespace tributary::tools

int main(int argc, char** argv) {
  using namespace tributary;
  if (argc != 3) {
    std::fputs("usage: tributary-journal-dump JOURNAL_PATH RUN_PATH\n", stderr);
    return 2;
  }
  const auto listing = list_journals(argv[1], argv[2]);
  for (const auto& line : listing.ignored) std::fprintf(stderr, "ignored: %s\n", line.c_str());
  bool whole = true;
  for (const auto& journal : listing.journals) whole = tools::dump(argv[1], argv[2], journal) && whole;
  return whole ? 0 : 1;
}
