#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/condition/evaluate.h"
#include "core/condition/fixed_visitor.h"
#include "core/snapshot/build_context.h"
#include "core/snapshot/build_rules.h"
#include "core/snapshot/rule_verifier.h"

// Any text as a condition, asked of any text: it is refused with a reason, or its compiled form passes the verifier and
// decides without fault, the same with and without a trace.
//
// First byte: the kind; second: negated. Then lines: the argument, what the visitor says, accepted values.

using namespace tributary;

namespace {

std::string_view next_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return line;
}

void say_everywhere(testing::FixedVisitor& visitor, std::string_view text, std::string_view argument) {
  visitor.given_place = {text, text, text, text, text, text, static_cast<std::uint32_t>(text.size())};
  visitor.given_agent = {DeviceType::phone, false, text, text, text, text, text, text};
  visitor.given_visit.user_agent = text;
  visitor.given_visit.referrer = text;
  visitor.given_visit.language = text;
  visitor.given_visit.host = text;
  visitor.given_visit.query = text;
  visitor.given_visit.address =
      AddressBytes(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
  visitor.given_tracking.sub_ids.fill(text);
  visitor.given_tracking.keyword = text;
  visitor.given_query = {{argument, text}};
  visitor.given_headers["x-requested-with"] = text;
}

void decide(const CompiledCondition& compiled, std::string_view text, std::string_view argument) {
  static RegexCache regexes(16);
  const model::Snapshot empty;
  BuildContext build(empty);
  build.out.Finish(write_condition(build.out, compiled, build.zone(compiled.zone)));
  const auto& condition = *flatbuffers::GetRoot<fbs::Condition>(build.out.GetBufferPointer());
  if (!RuleVerifier(0).condition(condition).empty()) {
    std::abort();
  }
  testing::FixedVisitor visitor;
  testing::FixedConditionState state;
  say_everywhere(visitor, text, argument);
  ConditionContext context{visitor, state, 1'795'219'200'000, regexes};
  if (holds(condition, context) != trace(condition, context).holds) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  model::Condition condition;
  condition.kind = std::string(condition_kinds()[data[0] % kConditionKinds].name);
  condition.negated = (data[1] & 1) != 0;
  const std::string_view argument = next_line(rest);
  const std::string_view text = next_line(rest);
  condition.argument = argument;
  while (!rest.empty() && condition.accepted.size() < 100) {
    condition.accepted.emplace_back(next_line(rest));
  }
  std::vector<ConditionProblem> problems;
  const CompiledCondition compiled = compile_condition(condition, problems);
  if (problems.empty() && compiled.kind != ConditionKind::click_limit) {
    decide(compiled, text, argument);
  }
  for (const ConditionProblem& problem : problems) {
    if (problem.reason.empty()) {
      std::abort();
    }
  }
  return 0;
}
