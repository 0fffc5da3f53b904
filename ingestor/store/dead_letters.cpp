#include "ingestor/store/dead_letters.h"

#include "core/base/utf8.h"
#include "platform/postgres/copy_in.h"

namespace tributary::ingest {
namespace {

constexpr const char* kErrors =
    "events.ingestion_errors (journal, position, next_position, batch, kind, reason, detail, bytes, team)";
constexpr const char* kIncidents = "events.incidents (kind, journal, from_position, to_position, detail)";

void clean(BinaryWriter& out, std::string_view text) {
  std::string cleaned;
  append_clean_text(text, cleaned);
  out.text(cleaned);
}

}  // namespace

void store_dead_letters(Connection& connection, std::int64_t batch, const std::vector<DeadLetter>& letters) {
  if (letters.empty()) return;
  BinaryWriter rows;
  for (const DeadLetter& letter : letters) {
    rows.begin_row(9);
    rows.int4(static_cast<std::int32_t>(letter.journal));
    rows.int8(static_cast<std::int64_t>(letter.position));
    rows.int8(static_cast<std::int64_t>(letter.next));
    rows.int8(batch);
    rows.text(letter.kind);
    rows.text(letter.reason);
    clean(rows, letter.detail);
    rows.bytes(letter.bytes);
    rows.uuid(letter.team);
  }
  CopyIn copy(connection, kErrors);
  copy.write(rows.data());
  copy.finish();
}

void store_incidents(Connection& connection, const std::vector<Incident>& incidents) {
  if (incidents.empty()) return;
  BinaryWriter rows;
  for (const Incident& incident : incidents) {
    rows.begin_row(5);
    rows.text(incident.kind);
    rows.int4(static_cast<std::int32_t>(incident.journal));
    rows.int8(static_cast<std::int64_t>(incident.from));
    rows.int8(static_cast<std::int64_t>(incident.to));
    clean(rows, incident.detail);
  }
  CopyIn copy(connection, kIncidents);
  copy.write(rows.data());
  copy.finish();
}

}  // namespace tributary::ingest
