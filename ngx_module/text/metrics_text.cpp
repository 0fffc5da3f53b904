#include "ngx_module/text/report.h"

namespace tributary {
namespace {

void family(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out.append("# HELP tributary_").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE tributary_").append(name).append(" ").append(type).append("\n");
}

void sample(std::string& out, std::string_view name, std::string_view labels, std::uint64_t value) {
  out.append("tributary_").append(name).append(labels).append(" ").append(std::to_string(value)).append("\n");
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

void write_counters(std::string& out, const EdgeReport& report) {
  for (std::size_t i = 0; i < kCounterCount; ++i) {
    const auto counter = static_cast<Counter>(i);
    const std::string name = std::string(counter_name(counter)) + "_total";
    family(out, name, "counter", counter_help(counter));
    sample(out, name, {}, report.counters[i]);
  }
}

struct WorkerMetric {
  std::string_view name, type, help;
  std::uint64_t (*value)(const WorkerReport& worker);
};

constexpr WorkerMetric kWorkerMetrics[] = {
    {"worker_generation", "gauge", "Configuration counter that this worker serves.",
     [](const WorkerReport& w) { return unpack_generation(w.generation).counter; }},
    {"worker_parked", "gauge", "Requests that wait for the disk.", [](const WorkerReport& w) { return w.parked; }},
    {"worker_start_time_seconds", "gauge", "When the worker began, seconds since 1970.",
     [](const WorkerReport& w) { return w.started_s; }},
    {"journal_committed_bytes_total", "counter", "Bytes appended by the worker.",
     [](const WorkerReport& w) { return w.journal.committed; }},
    {"journal_written_bytes", "gauge", "Bytes copied to segments.",
     [](const WorkerReport& w) { return w.journal.written; }},
    {"journal_durable_bytes_total", "counter", "Bytes that fdatasync has passed.",
     [](const WorkerReport& w) { return w.journal.durable; }},
    {"journal_refused_total", "counter", "Records refused because the ring was full.",
     [](const WorkerReport& w) { return w.journal.refused; }},
    {"journal_sync_failures_total", "counter", "fdatasync calls that failed.",
     [](const WorkerReport& w) { return w.journal.sync_failures; }},
    {"journal_segments_total", "counter", "Segments opened.", [](const WorkerReport& w) { return w.journal.segments; }},
    {"journal_suspect_segments_total", "counter", "Segments retired after a failed fdatasync.",
     [](const WorkerReport& w) { return w.journal.retired_suspect; }},
    {"journal_failing", "gauge", "1 while the disk fails.",
     [](const WorkerReport& w) { return std::uint64_t{w.journal.last_error != 0}; }},
};

void write_workers(std::string& out, const EdgeReport& report) {
  for (const WorkerMetric& metric : kWorkerMetrics) {
    family(out, metric.name, metric.type, metric.help);
    for (const WorkerReport& worker : report.workers) {
      sample(out, metric.name, "{slot=\"" + std::to_string(worker.slot) + "\"}", metric.value(worker));
    }
  }
}

}  // namespace

std::string metrics_text(const EdgeReport& report) {
  std::string out;
  family(out, "build_info", "gauge", "Which build answers; always 1.");
  sample(out, "build_info",
         "{edge=" + quoted(report.edge) + ",version=" + quoted(report.version) + ",nginx=" + quoted(report.built_for) +
             "}",
         1);
  family(out, "snapshot_epoch", "gauge", "Epoch of the published configuration.");
  sample(out, "snapshot_epoch", {}, report.published.epoch);
  family(out, "snapshot_generation", "gauge", "Counter of the published configuration.");
  sample(out, "snapshot_generation", {}, report.published.counter);
  family(out, "workers", "gauge", "Workers that hold a slot.");
  sample(out, "workers", {}, report.workers.size());
  family(out, "degraded", "gauge", "1 when the answering worker lacks its slot, shared state or journal.");
  sample(out, "degraded", {}, report.problem.empty() ? 0 : 1);
  write_counters(out, report);
  write_workers(out, report);
  return out;
}

}  // namespace tributary
