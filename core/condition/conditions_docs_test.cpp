#include <algorithm>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "core/condition/compile_condition.h"

#include "core/base/cmocka.h"

// docs/conditions.md names every kind of the code, and its examples compile.

namespace tributary {
namespace {

// The texts between backticks.
std::vector<std::string> code_spans(const std::string& text) {
  std::vector<std::string> spans;
  for (std::size_t begin = text.find('`'); begin != std::string::npos;) {
    const std::size_t end = text.find('`', begin + 1);
    spans.push_back(text.substr(begin + 1, end - begin - 1));
    begin = text.find('`', end + 1);
  }
  return spans;
}

std::vector<model::Condition> documented() {
  std::ifstream file(TRIBUTARY_SOURCE_DIR "/docs/conditions.md");
  std::vector<model::Condition> rows;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| `")) {
      continue;
    }
    std::vector<std::string> cells;
    for (std::size_t begin = 1; begin < line.size();) {
      const std::size_t end = line.find(" |", begin);
      cells.push_back(line.substr(begin, end - begin));
      begin = end == std::string::npos ? line.size() : end + 2;
    }
    const auto argument = code_spans(cells.at(1));
    rows.push_back(
        {code_spans(cells.at(0)).at(0), false, argument.empty() ? "" : argument[0], code_spans(cells.at(2))});
  }
  return rows;
}

void every_kind_is_documented_and_every_example_compiles(void**) {
  std::map<std::string, model::Condition> rows;
  for (const model::Condition& row : documented()) {
    std::vector<ConditionProblem> problems;
    compile_condition(row, problems);
    if (!problems.empty()) {
      fail_msg("%s: %s %s", row.kind.c_str(), problems[0].field.c_str(), problems[0].reason.c_str());
    }
    assert_true(rows.emplace(row.kind, row).second);
  }
  for (const ConditionKindInfo& kind : condition_kinds()) {
    const auto row = rows.find(std::string(kind.name));
    if (row == rows.end()) {
      fail_msg("%s is not in docs/conditions.md", std::string(kind.name).c_str());
    }
    if (row->second.argument.empty() != (kind.argument == ConditionArgument::none) || row->second.accepted.empty()) {
      fail_msg("%s: the documentation lacks an argument or an example, or has one too many", row->first.c_str());
    }
    const auto& examples = row->second.accepted;
    if (std::find(examples.begin(), examples.end(), kind.example) == examples.end()) {
      fail_msg("%s: the documentation lacks the example that the API gives", row->first.c_str());
    }
  }
  assert_int_equal(rows.size(), kConditionKinds);
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {cmocka_unit_test(every_kind_is_documented_and_every_example_compiles)};
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
