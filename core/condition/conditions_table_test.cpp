#include <arpa/inet.h>

#include <array>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/base/ascii.h"
#include "core/condition/evaluate.h"
#include "core/condition/fixed_visitor.h"
#include "core/condition/kinds.h"
#include "core/condition/test_condition.h"
#include "core/time_zone/local_time.h"

#include "core/base/cmocka.h"

// Reads core/condition/conditions.table: what every kind says to matching, other and unknown values.

namespace tributary {
namespace {

struct Case {
  int line = 0;
  std::string kind;
  std::string argument;
  bool negated = false;
  std::vector<std::string> accepted;
  std::vector<std::string> given;
  bool holds = false;
  std::string why;
};

std::string trimmed(std::string_view text) {
  return std::string(ascii::trim(text));
}

std::vector<std::string> split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  for (;;) {
    const auto at = text.find(separator);
    parts.push_back(trimmed(text.substr(0, at)));
    if (at == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(at + separator.size());
  }
}

Case parse_case(const std::string& text, int line) {
  const auto columns = split(text, " | ");
  if (columns.size() != 6) {
    fail_msg("line %d has %zu columns", line, columns.size());
  }
  Case parsed;
  parsed.line = line;
  const auto space = columns[0].find(' ');
  parsed.kind = columns[0].substr(0, space);
  parsed.argument = space == std::string::npos ? "" : trimmed(columns[0].substr(space));
  parsed.negated = columns[1] == "not";
  for (const std::string& accepted : split(columns[2], ";")) {
    if (!columns[2].empty()) {
      parsed.accepted.push_back(accepted == "<>" ? "" : accepted);
    }
  }
  if (columns[3] != "-") {
    parsed.given = columns[0].starts_with("language") ? std::vector{columns[3]} : split(columns[3], "; ");
  }
  parsed.holds = columns[4] == "holds";
  parsed.why = columns[5];
  return parsed;
}

std::vector<Case> read_cases() {
  std::ifstream file(TRIBUTARY_SOURCE_DIR "/core/condition/conditions.table");
  std::vector<Case> cases;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (!line.empty() && line.front() != '#') {
      cases.push_back(parse_case(line, number));
    }
  }
  assert_true(cases.size() > 200);
  return cases;
}

// Everything that one line gives. The texts live in the line.
class Given {
 public:
  explicit Given(const Case& from) {
    for (const std::string& item : from.given) {
      const auto at = item.find('=');
      set(item.substr(0, at), std::string_view(item).substr(at + 1), from.line);
    }
  }
  ConditionContext context() { return {visitor, state, now_ms, regexes}; }

 private:
  void set(const std::string& name, std::string_view value, int line) {
    const std::map<std::string, std::string_view*> texts = {
        {"country", &visitor.given_place.country},
        {"region", &visitor.given_place.region},
        {"city", &visitor.given_place.city},
        {"continent", &visitor.given_place.continent},
        {"isp", &visitor.given_place.isp},
        {"connection", &visitor.given_place.connection},
        {"brand", &visitor.given_agent.brand},
        {"model", &visitor.given_agent.model},
        {"os", &visitor.given_agent.os},
        {"os_version", &visitor.given_agent.os_version},
        {"browser", &visitor.given_agent.browser},
        {"browser_version", &visitor.given_agent.browser_version},
        {"language", &visitor.given_visit.language},
        {"user_agent", &visitor.given_visit.user_agent},
        {"referrer", &visitor.given_visit.referrer},
        {"host", &visitor.given_visit.host},
        {"keyword", &visitor.given_tracking.keyword},
        {"external_id", &visitor.given_tracking.external_id},
        {"utm_source", &visitor.given_tracking.utm_source},
        {"utm_medium", &visitor.given_tracking.utm_medium},
        {"utm_campaign", &visitor.given_tracking.utm_campaign},
        {"utm_content", &visitor.given_tracking.utm_content},
        {"utm_term", &visitor.given_tracking.utm_term},
    };
    if (const auto text = texts.find(name); text != texts.end()) {
      *text->second = value;
    } else if (!set_other(name, value)) {
      fail_msg("line %d: %s is nothing that can be given", line, name.c_str());
    }
  }

  bool set_other(const std::string& name, std::string_view value) {
    const auto scope = [](std::string_view text) {
      return text == "stream" ? kUniqueStream : text == "campaign" ? kUniqueCampaign : kUniqueGlobal;
    };
    if (name == "asn") {
      visitor.given_place.asn = static_cast<std::uint32_t>(std::stoul(std::string(value)));
    } else if (name == "bot") {
      visitor.given_agent.bot = value == "true";
    } else if (name == "labels") {
      visitor.given_visit.labels = value == "bot" ? kLabelBot : value == "prefetch" ? kLabelPrefetch : kLabelHead;
    } else if (name == "ip") {
      set_address(std::string(value));
    } else if (name == "device") {
      set_device(value);
    } else if (name == "query") {
      set_query(value);
    } else if (name.starts_with("sub")) {
      visitor.given_tracking.sub_ids[std::stoul(name.substr(3)) - 1] = value;
    } else if (name.starts_with("header.")) {
      visitor.given_headers[name.substr(7)] = value;
    } else if (name == "now") {
      const std::int64_t seconds =
          *parse_day(value.substr(0, 10)) * kSecondsPerDay + std::int64_t{*parse_clock(value.substr(11))};
      now_ms = static_cast<std::uint64_t>(seconds) * 1000;
    } else if (name == "unique" || name == "seen") {
      state.known = scope(value);
      state.first = name == "unique" ? state.known : 0;
    } else {
      return false;
    }
    return true;
  }

  void set_address(const std::string& text) {
    const bool v4 = ::inet_pton(AF_INET, text.c_str(), address_.data()) == 1;
    assert_true(v4 || ::inet_pton(AF_INET6, text.c_str(), address_.data()) == 1);
    visitor.given_visit.address = std::span(address_).first(v4 ? 4 : 16);
  }

  void set_device(std::string_view name) {
    for (unsigned type = 1; type <= static_cast<unsigned>(DeviceType::wearable); ++type) {
      if (device_type_name(static_cast<DeviceType>(type)) == name) {
        visitor.given_agent.device = static_cast<DeviceType>(type);
      }
    }
  }

  void set_query(std::string_view query) {
    std::array<QueryParameter, 16> parameters;
    bool truncated = false;
    const std::size_t count = parse_query(query, parameters, truncated);
    visitor.given_query.assign(parameters.begin(), parameters.begin() + static_cast<std::ptrdiff_t>(count));
    visitor.given_visit.query = query;
  }

  testing::FixedVisitor visitor;
  testing::FixedConditionState state;
  std::uint64_t now_ms = 0;
  RegexCache regexes;
  std::array<std::uint8_t, 16> address_{};
};

void every_line_of_the_table_comes_out_as_it_says(void**) {
  int wrong = 0;
  for (const Case& item : read_cases()) {
    const testing::TestCondition condition({item.kind, item.negated, item.argument, item.accepted});
    Given given(item);
    ConditionContext context = given.context();
    const ConditionTrace traced = trace(*condition, context);
    const bool same = traced.holds == holds(*condition, context);
    if (traced.holds != item.holds || condition_match_name(traced.match) != item.why || !same) {
      print_error("line %d: %s because of %s, seen \"%s\"\n", item.line, traced.holds ? "holds" : "fails",
                  std::string(condition_match_name(traced.match)).c_str(), traced.seen.c_str());
      ++wrong;
    }
  }
  assert_int_equal(wrong, 0);
}

// Kinds of which something is always known, and limits, which are caps.
bool always_known(std::string_view kind) {
  return std::set<std::string_view>{"bot", "prefetch", "weekday", "time_of_day", "date"}.contains(kind);
}

void the_table_has_matching_other_and_unknown_values_of_every_kind(void**) {
  std::map<std::string, std::set<std::string>> seen;
  for (const Case& item : read_cases()) {
    const bool matches = item.holds != item.negated;
    const std::string what = item.why == "unknown" ? "unknown" : matches ? "match" : "other";
    seen[item.kind].insert((item.negated ? "not " : "is ") + what);
  }
  for (const ConditionKindInfo& kind : condition_kinds()) {
    if (kind.kind == ConditionKind::click_limit) {
      continue;
    }
    for (const char* what : {"is match", "is other", "is unknown", "not match", "not other", "not unknown"}) {
      const bool needed = !std::string_view(what).ends_with("unknown") || !always_known(kind.name);
      if (needed && !seen[std::string(kind.name)].contains(what)) {
        fail_msg("%s: no line with %s", std::string(kind.name).c_str(), what);
      }
    }
  }
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(every_line_of_the_table_comes_out_as_it_says),
      cmocka_unit_test(the_table_has_matching_other_and_unknown_values_of_every_kind),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
