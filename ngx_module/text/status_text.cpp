#include <cstring>

#include "ngx_module/text/json.h"
#include "ngx_module/text/report.h"

namespace tributary {
namespace {

void write_generation(JsonWriter& json, std::string_view name, Generation generation) {
  json.key(name).begin_object().number("epoch", generation.epoch).number("counter", generation.counter).end_object();
}

void write_journal(JsonWriter& json, const JournalStatus& journal) {
  json.key("journal").begin_object();
  json.number("committed", journal.committed).number("written", journal.written).number("durable", journal.durable);
  json.number("refused", journal.refused).number("sync_failures", journal.sync_failures);
  json.number("segments", journal.segments).number("suspect_segments", journal.retired_suspect);
  json.text("last_error", journal.last_error == 0 ? "" : std::strerror(journal.last_error)).end_object();
}

void write_worker(JsonWriter& json, const WorkerReport& worker, std::uint64_t now_s) {
  json.begin_object().number("slot", worker.slot).number("pid", worker.pid);
  json.number("uptime_s", now_s > worker.started_s ? now_s - worker.started_s : 0);
  write_generation(json, "generation", unpack_generation(worker.generation));
  json.number("parked", worker.parked);
  write_journal(json, worker.journal);
  json.end_object();
}

// 0: not known.
std::uint64_t until_s(std::uint32_t end) noexcept {
  return end == 0 ? 0 : closure_end_s(end);
}

void write_overlay(JsonWriter& json, const EdgeReport& report) {
  static constexpr std::pair<DestinationFlag, std::string_view> kReasons[] = {
      {kDestinationDown, "down"},
      {kClosedConversions, "conversions"},
      {kClosedPayout, "payout"},
      {kClosedRevenue, "revenue"},
  };
  json.key("overlay").begin_object();
  json.number("epoch", report.overlay.epoch).number("counter", report.overlay.counter);
  json.number("destinations", report.overlay_destinations).key("closed").begin_array();
  for (const DestinationFacts& destination : report.closed) {
    json.begin_object().number("id", destination.id);
    for (const auto& [flag, reason] : kReasons) json.boolean(reason, (destination.flags & flag) != 0);
    const auto& ends = destination.ends;
    json.number("conversions_until_s", until_s(ends.conversions)).number("payout_until_s", until_s(ends.payout));
    json.number("revenue_until_s", until_s(ends.revenue)).end_object();
  }
  json.end_array().end_object();
}

}  // namespace

std::string status_text(const EdgeReport& report) {
  JsonWriter json;
  json.begin_object().text("edge", report.edge).number("number", report.number);
  json.text("version", report.version).text("built_for", report.built_for);
  json.text("problem", report.problem);
  write_generation(json, "published", report.published);
  write_overlay(json, report);
  write_caps(json, report.caps);
  json.key("workers").begin_array();
  for (const WorkerReport& worker : report.workers) write_worker(json, worker, report.now_s);
  json.end_array().key("counters").begin_object();
  for (std::size_t i = 0; i < kCounterCount; ++i)
    json.number(counter_name(static_cast<Counter>(i)), report.counters[i]);
  return json.end_object().end_object().take() + "\n";
}

}  // namespace tributary
