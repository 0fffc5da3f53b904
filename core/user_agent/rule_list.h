#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/user_agent/rules_file.h"

namespace tributary {

// What the groups of an expression have matched: [0] is the whole match. Views into the text that was searched.
using RuleGroups = std::array<std::string_view, 10>;

// An ordered list of expressions of which the first that matches answers. An expression is tried only when the literals
// are there without which it cannot match, so that of hundreds a few are. The one place that knows RE2.
//
// Immutable once compiled; any thread (RE2 locks its caches itself).
class RuleList {
 public:
  // The answer of no rule.
  static constexpr std::size_t kNone = SIZE_MAX;

  RuleList();
  ~RuleList();
  RuleList(RuleList&&) noexcept;
  RuleList& operator=(RuleList&&) noexcept;

  // False: `error` says which line and why.
  bool compile(std::span<const AgentRule> rules, std::string& error);

  // The literals to look for, lower case. Their places in here are the numbers that first() wants.
  const std::vector<std::string>& literals() const noexcept { return literals_; }

  // The first rule that matches. `found`: numbers of the literals in the text, each once. `candidates` is scratch.
  std::size_t first(std::string_view text, const std::vector<int>& found, std::vector<int>& candidates,
                    RuleGroups& groups) const noexcept;

 private:
  struct Expressions;
  std::unique_ptr<Expressions> expressions_;
  std::vector<std::string> literals_;
};

}  // namespace tributary
