#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace tributary {

// The lists of rules that conf/user-agents/agents.rules holds, in the order of its sections.
enum class RuleSection : unsigned char { browser, os, device, bot, type };
inline constexpr std::size_t kRuleSections = 5;

// One line: an expression and what it says. In the texts $1 to $9 stand for what the groups have matched.
struct AgentRule {
  std::string expression;  // RE2, flags included
  std::array<std::string, 4> texts;
  std::size_t line = 0;
};

using AgentRuleLists = std::array<std::vector<AgentRule>, kRuleSections>;

// Why rules are refused, for an operator: starts with the number of the line where there is one.
struct AgentRulesError {
  std::string text;
};

// The format: a first line `tributary-user-agents 1`; then lines without a tab, which are empty, comments (#) or the
// name of a section in brackets; and lines with tabs: expression, flags (`-` or `i`), up to four texts.
Result<AgentRuleLists, AgentRulesError> parse_agent_rules(std::string_view text);

}  // namespace tributary
