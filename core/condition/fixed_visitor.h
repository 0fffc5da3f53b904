#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/condition/condition_context.h"
#include "core/visitor/visitor.h"

// For tests and fuzzers: a visitor and a state of which everything is given.
namespace tributary::testing {

class FixedVisitor final : public Visitor {
 public:
  const Visit& visit() noexcept override { return given_visit; }
  const Tracking& tracking() noexcept override { return given_tracking; }
  std::span<const QueryParameter> query() noexcept override { return given_query; }
  std::optional<std::string_view> header(std::string_view lower_case_name) noexcept override {
    const auto found = given_headers.find(lower_case_name);
    return found == given_headers.end() ? std::nullopt : std::optional<std::string_view>(found->second);
  }
  const Place& place() noexcept override { return given_place; }
  const Agent& agent() noexcept override { return given_agent; }
  std::uint64_t key() noexcept override { return given_key; }

  Visit given_visit;
  Tracking given_tracking;
  std::vector<QueryParameter> given_query;
  std::map<std::string, std::string, std::less<>> given_headers;
  Place given_place;
  Agent given_agent;
  std::uint64_t given_key = 0;
};

class FixedConditionState final : public ConditionState {
 public:
  std::optional<bool> unique(UniqueFlag scope) noexcept override {
    return (known & scope) == 0 ? std::nullopt : std::optional((first & scope) != 0);
  }

  std::uint32_t known = 0;  // scopes of which something is known
  std::uint32_t first = 0;  // scopes in which this is the first click
};

}  // namespace tributary::testing
