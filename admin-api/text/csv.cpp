#include "admin-api/text/csv.h"

namespace tributary::admin {
namespace {

constexpr std::string_view kFormula = "=+-@\t\r";

bool is_formula(std::string_view text) {
  return !text.empty() && kFormula.find(text.front()) != std::string_view::npos;
}

std::string plain(std::string cell) {
  if (cell.starts_with('\'') && is_formula(std::string_view(cell).substr(1))) cell.erase(0, 1);
  return cell;
}

// One cell of `text` from `at` on; `at` is behind it afterwards. False when it is not right.
bool read_cell(std::string_view text, std::size_t& at, std::string& cell) {
  if (at == text.size() || text[at] != '"') {
    const auto end = std::min(text.find_first_of(",\r\n\"", at), text.size());
    cell.assign(text.substr(at, end - at));
    at = end;
    return end == text.size() || text[end] != '"';
  }
  for (++at; at < text.size(); ++at) {
    if (text[at] == '"' && (at + 1 == text.size() || text[at + 1] != '"')) {
      ++at;
      return at == text.size() || text[at] == ',' || text[at] == '\r' || text[at] == '\n';
    }
    at += text[at] == '"' ? 1 : 0;
    cell += text[at];
  }
  return false;
}

}  // namespace

std::string csv_cell(std::string_view text) {
  std::string cell = is_formula(text) ? "'" + std::string(text) : std::string(text);
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

std::optional<std::vector<CsvRow>> parse_csv(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::vector<CsvRow> rows;
  CsvRow row;
  for (std::size_t at = 0; at < text.size();) {
    std::string cell;
    if (!read_cell(text, at, cell)) return std::nullopt;
    row.push_back(plain(std::move(cell)));
    if (at < text.size() && text[at] == ',') {
      ++at;
      if (at == text.size()) row.emplace_back();
      continue;
    }
    if (row.size() > 1 || !row.front().empty()) rows.push_back(std::move(row));
    row = {};
    at = std::min(text.find_first_not_of("\r\n", at), text.size());
  }
  if (!row.empty()) rows.push_back(std::move(row));
  return rows;
}

}  // namespace tributary::admin
