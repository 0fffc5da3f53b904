#include <cstdio>

#include "core/base/clock.h"
#include "core/journal/journal_reader.h"
#include "ingestor/commands/commands.h"
#include "platform/postgres/connection.h"

namespace tributary::ingest {
namespace {

constexpr const char* kRights = R"sql(
  SELECT
    to_regclass('events.clicks') IS NOT NULL,
    has_table_privilege('events.clicks', 'INSERT'),
    has_table_privilege('events.journals', 'UPDATE'),
    NOT row_security_active('events.clicks'))sql";

bool say(bool good, const char* what, const char* remedy) {
  std::printf("%s  %s%s%s\n", good ? "ok    " : "FAILED", what, good ? "" : ": ", good ? "" : remedy);
  return good;
}

bool check_rights(const IngestorSettings& settings) {
  Connection connection(settings.connection("check"));
  say(true, "PostgreSQL answers", "");
  if (!say(!connection.execute("SELECT to_regclass('events.clicks')").is_null(0, 0), "the schema is there",
           "run tributary-admin migrate")) {
    return false;
  }
  const QueryResult rights = connection.execute(kRights);
  bool good =
      say(rights.boolean(0, 1) && rights.boolean(0, 2), "the role may write events", "connect as tributary_ingestor");
  good &= say(rights.boolean(0, 3), "the role is above row security",
              "ALTER ROLE tributary_ingestor BYPASSRLS, or see Managed servers in docs/install.md");
  return good;
}

}  // namespace

int check_command(const IngestorSettings& settings) {
  say(true, "the settings are valid", "");
  bool good = check_rights(settings);
  Enricher enricher = settings.enricher();
  enricher.refresh(wall_clock_ms());
  good &= say(enricher.problems().empty(), "geo data and user agent rules can be used", enricher.problems().c_str());
  const JournalListing listing = list_journals(settings.journal_path, settings.run_path);
  std::printf("ok      %zu journals below %s and %s\n", listing.journals.size(), settings.journal_path.c_str(),
              settings.run_path.c_str());
  for (const std::string& ignored : listing.ignored) good &= say(false, "journal", ignored.c_str());
  return good ? 0 : 1;
}

}  // namespace tributary::ingest
