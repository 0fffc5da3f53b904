#include "platform/postgres/copy_in.h"

#include <libpq-fe.h>

#include <algorithm>
#include <string_view>

namespace tributary {
namespace {

constexpr std::size_t kChunkBytes = 64u << 10;
// "PGCOPY\n\377\r\n\0", flags, length of the header extension.
constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr std::string_view kTrailer("\377\377", 2);

}  // namespace

CopyIn::CopyIn(Connection& connection, const std::string& target) : connection_(connection) {
  connection_.execute("COPY " + target + " FROM STDIN (FORMAT binary)");
  send({kSignature.data(), kSignature.size()});
}

CopyIn::~CopyIn() {
  if (!open_ || !connection_.usable()) return;
  if (PQputCopyEnd(connection_.connection_.get(), "abandoned") != 1) return;
  while (pg_result* result = PQgetResult(connection_.connection_.get())) PQclear(result);
}

void CopyIn::write(std::span<const char> rows) {
  for (std::size_t at = 0; at < rows.size(); at += kChunkBytes) {
    send(rows.subspan(at, std::min(kChunkBytes, rows.size() - at)));
  }
}

void CopyIn::send(std::span<const char> bytes) {
  if (PQputCopyData(connection_.connection_.get(), bytes.data(), static_cast<int>(bytes.size())) == 1) return;
  open_ = false;
  connection_.fail(nullptr);
}

std::int64_t CopyIn::finish() {
  send({kTrailer.data(), kTrailer.size()});
  open_ = false;
  PGconn* connection = connection_.connection_.get();
  if (PQputCopyEnd(connection, nullptr) != 1) connection_.fail(nullptr);
  pg_result* result = PQgetResult(connection);
  const QueryResult holder(result);
  while (pg_result* rest = PQgetResult(connection)) PQclear(rest);
  if (PQresultStatus(result) != PGRES_COMMAND_OK) connection_.fail(result);
  return holder.affected();
}

}  // namespace tributary
