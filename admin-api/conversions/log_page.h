#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "admin-api/api/context.h"

namespace tributary::admin {

// One page of a large table, newest first: team, period and cursor of the request (?team_id, from, to, limit, cursor),
// and the conditions of its filters. The row of a table is `t` in every text of SQL.
class LogPage {
 public:
  // `time` is the column of the period, `ties` are two columns of whole numbers that order equal times. Throws
  // ApiError 400.
  LogPage(const Context& context, std::string time, std::array<std::string, 2> ties);

  // `condition` has a ? where the number in `argument` goes. Does nothing when the request has no such argument.
  void filter_number(const Context& context, std::string_view argument, const std::string& condition);
  void filter_text(const Context& context, std::string_view argument, const std::string& condition);
  // ?status: the name of a ConversionStatus.
  void filter_status(const Context& context);
  // ?click: its uuid, or the text that was sent.
  void filter_click(const Context& context);
  void where(const std::string& condition) { conditions_ += " AND " + condition; }

  // `select` are columns of `from`; `to_json` writes a row of them, which begin at column 3.
  http::Response answer(Context& context, const std::string& select, const std::string& from,
                        const std::function<std::string(const QueryResult&, int row)>& to_json);

 private:
  void add(const std::string& condition, std::string_view value);
  void add_period(const Context& context, std::string_view argument, const char* comparison);
  void add_cursor(const std::string& cursor);

  std::string time_;
  std::array<std::string, 2> ties_;
  int limit_;
  Params params_;
  std::string conditions_ = " WHERE true";
};

inline constexpr int kLogPageColumns = 3;

// SQL: the name of the ConversionStatus that is a number in `column`.
std::string status_name_sql(const std::string& column);
// The number in the path. Throws ApiError 404.
std::string number_in_path(const Context& context);

}  // namespace tributary::admin
