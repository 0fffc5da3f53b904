#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/user_agent/literal_matcher.h"
#include "core/user_agent/rule_list.h"
#include "core/visitor/agent.h"

namespace tributary {

// What one thread needs to match, so that matching does not allocate once everything has grown. The texts of an answer
// stand in here.
class AgentScratch {
 private:
  friend class AgentRules;
  std::vector<std::uint32_t> seen_;  // per literal: the turn in which it was last found
  std::uint32_t turn_ = 0;
  std::array<std::vector<int>, kRuleSections> found_;
  std::vector<int> candidates_;
  std::array<char, 3072> text_{};
  std::size_t used_ = 0;
};

// What user agents say, by the rules of a file: data of uap-core and crawler-user-agents, and our list of device types.
//
// Loading takes about a tenth of a second. Immutable after that and usable from any thread; a master process loads it
// once and its workers inherit it.
class AgentRules {
 public:
  // What is read of a user agent. Longer ones are judged by their beginning.
  static constexpr std::size_t kMaxUserAgent = 1024;

  static Result<std::unique_ptr<const AgentRules>, AgentRulesError> load(const std::string& path);
  static Result<std::unique_ptr<const AgentRules>, AgentRulesError> parse(std::string_view text);

  // The views live until `scratch` is used again. Takes microseconds: see AgentClassifier.
  Agent match(std::string_view user_agent, AgentScratch& scratch) const noexcept;

  std::size_t rules() const noexcept;

 private:
  AgentRules() = default;
  bool compile(std::string& error);
  void find_literals(std::string_view user_agent, AgentScratch& scratch) const noexcept;
  // The texts of the first rule that matches, or nothing.
  using Texts = std::array<std::string_view, 4>;
  bool answer(RuleSection section, std::string_view user_agent, AgentScratch& scratch, Texts& texts) const noexcept;

  struct Place {
    RuleSection section;
    int number;
  };
  AgentRuleLists rules_;
  std::array<RuleList, kRuleSections> lists_;
  LiteralMatcher matcher_;
  std::vector<std::vector<Place>> places_;  // per literal of the matcher: where lists know it
};

}  // namespace tributary
