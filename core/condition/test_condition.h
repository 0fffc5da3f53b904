#pragma once

#include <string>

#include "core/condition/compile_condition.h"
#include "core/snapshot/build_context.h"
#include "core/snapshot/build_rules.h"

#include "core/base/cmocka.h"

namespace tributary::testing {

// A condition as it is in a snapshot that was made on 2026-11-21. Fails the test when it does not compile.
class TestCondition {
 public:
  explicit TestCondition(const model::Condition& condition) {
    std::vector<ConditionProblem> problems;
    const CompiledCondition compiled = compile_condition(condition, problems);
    for (const ConditionProblem& problem : problems) {
      fail_msg("%s %s: %s", condition.kind.c_str(), problem.field.c_str(), problem.reason.c_str());
    }
    model::Snapshot empty;
    empty.created_ms = 1'795'219'200'000;
    BuildContext context(empty);
    context.out.Finish(write_condition(context.out, compiled, context.zone(compiled.zone)));
    bytes_ = context.out.Release();
  }
  const fbs::Condition& operator*() const { return *flatbuffers::GetRoot<fbs::Condition>(bytes_.data()); }

 private:
  flatbuffers::DetachedBuffer bytes_;
};

}  // namespace tributary::testing
