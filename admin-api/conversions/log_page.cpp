#include "admin-api/conversions/log_page.h"

#include <algorithm>

#include "admin-api/api/asked_team.h"
#include "admin-api/api/page.h"
#include "admin-api/api/problem.h"
#include "admin-api/json/strict_json.h"
#include "admin-api/text/base64url.h"
#include "admin-api/text/formats.h"
#include "core/event/event.h"

namespace tributary::admin {
namespace {

ApiError malformed(const std::string& detail) {
  return {400, "malformed_query", detail};
}

constexpr int kStatuses = static_cast<int>(ConversionStatus::custom) + 1;

// "time in µs.first tie.second tie"
std::array<std::string, 3> split_cursor(const std::string& text) {
  std::array<std::string, 3> parts;
  std::size_t from = 0;
  for (auto& part : parts) {
    const auto dot = std::min(text.find('.', from), text.size());
    part = text.substr(from, dot - from);
    if (!is_number(part, 18) && part != "0") throw malformed("the cursor is not one of ours");
    from = std::min(dot + 1, text.size());
  }
  return parts;
}

}  // namespace

LogPage::LogPage(const Context& context, std::string time, std::array<std::string, 2> ties)
    : time_(std::move(time)), ties_(std::move(ties)), limit_(page_limit(context)) {
  if (const auto team = asked_team(context)) add("t.team = ?::uuid", *team);
  add_period(context, "from", ">=");
  add_period(context, "to", "<");
  add_cursor(context.argument("cursor"));
}

void LogPage::add(const std::string& condition, std::string_view value) {
  params_.untyped(value);
  const auto place = condition.find('?');
  where(condition.substr(0, place) + "$" + std::to_string(params_.size()) + condition.substr(place + 1));
}

void LogPage::add_period(const Context& context, std::string_view argument, const char* comparison) {
  const auto moment = context.argument(argument);
  if (moment.empty()) return;
  if (!is_timestamp(moment)) throw malformed("from and to are times: 2026-01-31T12:00:00Z");
  add(time_ + " " + comparison + " ?::timestamptz", moment);
}

void LogPage::add_cursor(const std::string& cursor) {
  if (cursor.empty()) return;
  const auto text = base64url_decode(cursor);
  if (!text) throw malformed("the cursor is not one of ours");
  const auto [time_us, first, second] = split_cursor(*text);
  const std::string moment = "timestamptz 'epoch' + ?::bigint * interval '1 microsecond'";
  add(time_ + " <= " + moment, time_us);  // names the partitions, which a comparison of rows does not
  params_.untyped(first).untyped(second);
  const auto size = params_.size();
  where("(" + time_ + ", " + ties_[0] + ", " + ties_[1] + ") < (timestamptz 'epoch' + $" + std::to_string(size - 2) +
        "::bigint * interval '1 microsecond', $" + std::to_string(size - 1) + "::bigint, $" + std::to_string(size) +
        "::bigint)");
}

void LogPage::filter_number(const Context& context, std::string_view argument, const std::string& condition) {
  const auto value = context.argument(argument);
  if (value.empty()) return;
  if (!is_number(value, 9)) throw malformed(std::string(argument) + " is a number");
  add(condition, value);
}

void LogPage::filter_text(const Context& context, std::string_view argument, const std::string& condition) {
  if (const auto value = context.argument(argument); !value.empty()) add(condition, value);
}

void LogPage::filter_status(const Context& context) {
  const auto name = context.argument("status");
  if (name.empty()) return;
  for (int status = 0; status < kStatuses; ++status) {
    if (conversion_status_name(static_cast<ConversionStatus>(status)) == name) {
      return add("t.status = ?::smallint", std::to_string(status));
    }
  }
  throw malformed("status is one of unmapped lead sale rejected trash rebill custom");
}

void LogPage::filter_click(const Context& context) {
  const auto click = context.argument("click");
  if (click.empty()) return;
  add(is_uuid(click) ? "t.click = ?::uuid" : "t.click_text = ?", click);
}

http::Response LogPage::answer(Context& context, const std::string& select, const std::string& from,
                               const std::function<std::string(const QueryResult&, int row)>& to_json) {
  params_.int4(limit_ + 1);
  const std::string order = time_ + " DESC, " + ties_[0] + " DESC, " + ties_[1] + " DESC";
  const std::string sql = "SELECT (extract(epoch FROM " + time_ + ") * 1000000)::bigint, " + ties_[0] + "::bigint, " +
                          ties_[1] + "::bigint, " + select + " FROM " + from + " AS t" + conditions_ + " ORDER BY " +
                          order + " LIMIT $" + std::to_string(params_.size());
  ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
  const auto rows = transaction.execute(sql, params_);
  const int shown = std::min(rows.rows(), limit_);
  std::string body = R"({"data":[)";
  for (int row = 0; row < shown; ++row) body += (row == 0 ? "" : ",") + to_json(rows, row);
  std::string next = "null";
  if (rows.rows() > limit_) {
    const auto part = [&](int column) { return std::to_string(rows.integer(shown - 1, column)); };
    next = quote_json(encode_cursor(part(0) + "." + part(1) + "." + part(2)));
  }
  return http::json_response(200, body + R"(],"next_cursor":)" + next + "}");
}

std::string status_name_sql(const std::string& column) {
  std::string names;
  for (int status = 0; status < kStatuses; ++status) {
    names +=
        (status == 0 ? "'" : ", '") + std::string(conversion_status_name(static_cast<ConversionStatus>(status))) + "'";
  }
  return "(ARRAY[" + names + "])[" + column + " + 1]";
}

std::string number_in_path(const Context& context) {
  const auto& number = context.path.front();
  if (!is_number(number, 18)) throw not_found();
  return number;
}

}  // namespace tributary::admin
