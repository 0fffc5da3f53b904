#include "ingestor/run/session.h"

#include <unistd.h>

#include <chrono>

#include "core/base/clock.h"
#include "ingestor/run/reading_thread.h"
#include "ingestor/store/bisect.h"
#include "platform/log/log.h"

namespace tributary::ingest {
namespace {

constexpr auto kWait = std::chrono::milliseconds(100);
constexpr std::uint64_t kScanEveryMs = 500;
constexpr std::uint64_t kReloadEveryMs = 60'000;

std::string owner_name() {
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  return std::string(host) + ":" + std::to_string(getpid());
}

}  // namespace

Session::Session(const IngestorSettings& settings, Counters& counters)
    : settings_(settings),
      counters_(counters),
      connection_(settings.connection("batches")),
      owners_(settings.connection("owners")),
      enricher_(settings.enricher()),
      source_(settings.keep_s, settings.keep_bytes),
      discovery_(settings, connection_, source_, owner_name()),
      writer_(connection_, owner_name()) {}

void Session::run(const Stop& stop) {
  BatchQueue queue;
  counters_.gaps += discovery_.scan();
  counters_.connected = true;
  counters_.set_problem("");
  const ReadingThread reading(settings_, source_, owners_, queue);
  std::uint64_t scanned_ms = wall_clock_ms();
  std::uint64_t reloaded_ms = scanned_ms;
  while (!stop.requested()) {
    const auto batch = queue.pop(kWait);
    reading.rethrow_failure();
    if (batch) store(*batch);
    const std::uint64_t now_ms = wall_clock_ms();
    if (now_ms - scanned_ms >= kScanEveryMs) {
      counters_.gaps += discovery_.scan();
      scanned_ms = now_ms;
    }
    if (now_ms - reloaded_ms >= kReloadEveryMs) {
      owners_.reload();
      reloaded_ms = now_ms;
    }
  }
}

void Session::store(Batch& batch) {
  for (const Incident& incident : batch.incidents) {
    log::error("a journal is incomplete",
               {{"kind", incident.kind}, {"journal", incident.journal}, {"from", incident.from}, {"to", incident.to}});
  }
  const std::size_t refused =
      write_or_bisect(writer_, batch, owners_, enricher_, clock_limits(wall_clock_ms(), settings_.retention_days));
  counters_.committed(batch, refused, static_cast<std::int64_t>(wall_clock_ms()));
  for (const Advance& advance : batch.advances) source_.mark_stored(advance.journal.number, advance.next);
  log::debug("stored a batch", {{"rows", batch.rows()}, {"dead_letters", batch.dead_letters.size()}});
}

}  // namespace tributary::ingest
