// How often the answers are right, over the published test cases of the data that we use. The shares are printed and
// stand in docs/user-agents.md; below the floors here something of ours is wrong.
//
// With TRIBUTARY_USER_AGENT_SAMPLES=FILE another file of samples is judged (scripts/update-user-agents --all-samples
// FILE).
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "core/base/cmocka.h"
#include "core/user_agent/agent_classifier.h"

using namespace tributary;

namespace {

struct Share {
  std::size_t right = 0;
  std::size_t all = 0;
  double percent() const { return all == 0 ? 0 : 100.0 * static_cast<double>(right) / static_cast<double>(all); }
};

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    if (c == '\t') {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  fields.resize(6);
  return fields;
}

// What uap-core calls "Other" is unknown here.
bool same_family(std::string_view ours, const std::string& family) {
  return ours == (family == "Other" ? "" : family);
}

std::string version_of(const std::string& major, const std::string& minor, const std::string& patch) {
  return major + (minor.empty() ? "" : "." + minor) + (minor.empty() || patch.empty() ? "" : "." + patch);
}

void judge(const std::vector<std::string>& sample, const Agent& agent, std::map<std::string, Share>& shares) {
  const std::string& kind = sample[0];
  const auto count = [&](const std::string& what, bool right) {
    ++shares[what].all;
    shares[what].right += right ? 1 : 0;
  };
  if (kind == "bot") {
    count("bot", agent.bot);
  } else if (kind == "device") {
    const bool spider = sample[2] == "Spider";
    count("device", spider ? agent.bot : (agent.brand == sample[2] && agent.model == sample[3]));
    if (!spider && !sample[2].empty()) {
      count("no bot", !agent.bot);
    }
  } else {
    const bool browser = kind == "browser";
    const std::string_view name = browser ? agent.browser : agent.os;
    const std::string_view version = browser ? agent.browser_version : agent.os_version;
    count(kind, same_family(name, sample[2]));
    count(kind + " version", same_family(name, sample[2]) && version == version_of(sample[3], sample[4], sample[5]));
  }
}

// proves: A35
void most_published_cases_are_answered_rightly(void**) {
  const auto rules = AgentRules::load(TRIBUTARY_SOURCE_DIR "/conf/user-agents/agents.rules");
  if (!rules) {
    fail_msg("%s", rules.error().text.c_str());
  }
  AgentClassifier classifier(**rules, 1);
  const char* other = std::getenv("TRIBUTARY_USER_AGENT_SAMPLES");
  std::ifstream samples(other != nullptr ? other : TRIBUTARY_SOURCE_DIR "/core/user_agent/samples/published.tsv");
  std::map<std::string, Share> shares;
  for (std::string line; std::getline(samples, line);) {
    const auto sample = fields_of(line);
    judge(sample, classifier.classify(sample[1]), shares);
  }
  for (const auto& [what, share] : shares) {
    print_message("%-16s %6.2f %% of %zu\n", what.c_str(), share.percent(), share.all);
  }
  const std::map<std::string, double> floors = {{"browser", 99},    {"browser version", 99}, {"os", 99},
                                                {"os version", 99}, {"device", 99},          {"bot", 99.9},
                                                {"no bot", 99}};
  for (const auto& [what, floor] : floors) {
    assert_true(shares[what].percent() >= floor);
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {cmocka_unit_test(most_published_cases_are_answered_rightly)};
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
