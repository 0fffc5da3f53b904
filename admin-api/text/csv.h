#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tributary::admin {

// One cell as RFC 4180 has it. What a spreadsheet would take for a formula gets an apostrophe in front.
std::string csv_cell(std::string_view text);

using CsvRow = std::vector<std::string>;
// The rows of a CSV text, without empty lines and a byte order mark; an apostrophe that csv_cell put there is taken
// off. None: a quote that does not end, or a bare one inside of a cell.
std::optional<std::vector<CsvRow>> parse_csv(std::string_view text);

}  // namespace tributary::admin
