#include "core/user_agent/rules_file.h"

namespace tributary {
namespace {

constexpr std::string_view kFirstLine = "tributary-user-agents 1";
constexpr std::array<std::string_view, kRuleSections> kNames = {"[browser]", "[os]", "[device]", "[bot]", "[type]"};
constexpr std::size_t kMaxRules = 20'000;
constexpr std::size_t kMaxLine = 16 * 1024;

std::string_view take_until(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return part;
}

AgentRulesError at_line(std::size_t number, std::string_view what) {
  return {"line " + std::to_string(number) + ": " + std::string(what)};
}

bool read_rule(std::string_view line, AgentRule& rule) {
  const std::string_view expression = take_until(line, '\t');
  const std::string_view flags = take_until(line, '\t');
  if (expression.empty() || (flags != "-" && flags != "i")) {
    return false;
  }
  rule.expression = (flags == "i" ? "(?i)" : "") + std::string(expression);
  for (std::string& text : rule.texts) {
    text = take_until(line, '\t');
  }
  return line.empty();
}

std::vector<AgentRule>* section_named(AgentRuleLists& lists, std::string_view name) {
  for (std::size_t i = 0; i < kRuleSections; ++i) {
    if (kNames[i] == name) {
      return &lists[i];
    }
  }
  return nullptr;
}

}  // namespace

Result<AgentRuleLists, AgentRulesError> parse_agent_rules(std::string_view text) {
  AgentRuleLists lists;
  std::vector<AgentRule>* section = nullptr;
  std::size_t count = 0;
  if (take_until(text, '\n') != kFirstLine) {
    return at_line(1, "this is no file of user agent rules: it has to begin with \"" + std::string(kFirstLine) + "\"");
  }
  for (std::size_t number = 2; !text.empty(); ++number) {
    const std::string_view line = take_until(text, '\n');
    if (line.size() > kMaxLine) {
      return at_line(number, "too long");
    }
    if (line.find('\t') != std::string_view::npos) {
      AgentRule rule;
      rule.line = number;
      if (section == nullptr || !read_rule(line, rule)) {
        return at_line(number,
                       "no rule: expression, flags (- or i) and up to four texts, divided by tabs, in a section");
      }
      if (++count > kMaxRules) {
        return at_line(number, "more rules than " + std::to_string(kMaxRules));
      }
      section->push_back(std::move(rule));
    } else if (!line.empty() && line.front() != '#') {
      section = section_named(lists, line);
      if (section == nullptr) {
        return at_line(number, "unknown section");
      }
    }
  }
  return lists;
}

}  // namespace tributary
