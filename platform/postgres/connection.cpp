#include "platform/postgres/connection.h"

#include <libpq-fe.h>

#include <vector>

namespace tributary {
namespace {

std::string first_line(const char* text) {
  const std::string_view all = text == nullptr ? "" : text;
  return std::string(all.substr(0, all.find('\n')));
}

// libpq quotes the text that it cannot parse, which may hold the password: so its words are not repeated here.
void refuse_unreadable(const std::string& url) {
  char* message = nullptr;
  PQconninfoOption* parsed = PQconninfoParse(url.c_str(), &message);
  PQfreemem(message);
  if (parsed == nullptr) {
    throw PostgresError("F0000", "the PostgreSQL URL cannot be parsed; write postgresql://user@host:port/database");
  }
  PQconninfoFree(parsed);
}

pg_conn* connect(const ConnectOptions& options) {
  const std::string timeout = std::to_string(options.connect_timeout_s);
  const std::string session = "-c statement_timeout=" + std::to_string(options.statement_timeout_ms);
  // Those before dbname are defaults: the URL may say otherwise.
  const char* names[] = {"application_name",
                         "connect_timeout",
                         "client_encoding",
                         "keepalives",
                         "keepalives_idle",
                         "keepalives_interval",
                         "keepalives_count",
                         "tcp_user_timeout",
                         "options",
                         "dbname",
                         nullptr};
  const char* values[] = {options.application_name.c_str(),
                          timeout.c_str(),
                          "UTF8",
                          "1",
                          "20",
                          "5",
                          "4",
                          "45000",
                          session.c_str(),
                          options.url.c_str(),
                          nullptr};
  return PQconnectdbParams(names, values, 1);
}

}  // namespace

void Connection::Finish::operator()(pg_conn* connection) const noexcept {
  PQfinish(connection);
}

Connection::Connection(const ConnectOptions& options) {
  refuse_unreadable(options.url);
  connection_.reset(connect(options));
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    throw PostgresError("", first_line(PQerrorMessage(connection_.get())));
  }
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
}

QueryResult Connection::execute(const std::string& sql, const Params& params) {
  const std::size_t count = params.entries_.size();
  std::vector<Oid> types(count);
  std::vector<const char*> values(count);
  std::vector<int> lengths(count);
  std::vector<int> formats(count);
  for (std::size_t i = 0; i < count; ++i) {
    const char* field = params.writer_.data().data() + params.entries_[i].offset;
    std::uint32_t length = 0;
    std::memcpy(&length, field, sizeof length);
    lengths[i] = static_cast<int>(__builtin_bswap32(length));
    values[i] = lengths[i] < 0 ? nullptr : field + sizeof length;
    types[i] = params.entries_[i].oid;
    formats[i] = params.entries_[i].text ? 0 : 1;
  }
  pg_result* result = PQexecParams(connection_.get(), sql.c_str(), static_cast<int>(count), types.data(), values.data(),
                                   lengths.data(), formats.data(), 0);
  QueryResult holder(result);
  const ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_COPY_IN) fail(result);
  return holder;
}

void Connection::run_script(const std::string& sql) {
  pg_result* result = PQexec(connection_.get(), sql.c_str());
  const QueryResult holder(result);
  const ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) fail(result);
}

bool Connection::usable() const noexcept {
  return PQstatus(connection_.get()) == CONNECTION_OK;
}

bool Connection::in_transaction() const noexcept {
  const PGTransactionStatusType status = PQtransactionStatus(connection_.get());
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

void Connection::fail(const pg_result* result) const {
  const auto field = [&](int code) -> std::string {
    const char* text = result == nullptr ? nullptr : PQresultErrorField(result, code);
    return text == nullptr ? std::string() : text;
  };
  const std::string message = field(PG_DIAG_MESSAGE_PRIMARY);
  throw PostgresError(usable() ? field(PG_DIAG_SQLSTATE) : std::string("08006"),
                      message.empty() ? first_line(PQerrorMessage(connection_.get())) : message,
                      field(PG_DIAG_CONSTRAINT_NAME));
}

}  // namespace tributary
