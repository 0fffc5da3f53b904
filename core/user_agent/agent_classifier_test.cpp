#include "core/user_agent/agent_classifier.h"

#include <memory>
#include <string>

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

constexpr std::size_t kSmallCache = 64 * 1024;

// Answers with a number out of the user agent, so that a mix-up shows.
std::unique_ptr<const AgentRules> numbering_rules() {
  auto rules = AgentRules::parse(
      "tributary-user-agents 1\n[browser]\nUA(\\d+)\t-\tBrowser $1\t$1\n[device]\nUA(\\d+)\t-\tBrand\t$1\n"
      "[bot]\nUA\\d*7(?:$|\\.)\t-\n[type]\nUA\t-\ttv\n");
  assert_true(rules.ok());
  return std::move(*rules);
}

std::string user_agent(unsigned number) {
  return "UA" + std::to_string(number);
}

void expect_answer(const Agent& agent, unsigned number) {
  assert_text(agent.browser, "Browser " + std::to_string(number));
  assert_text(agent.browser_version, std::to_string(number));
  assert_text(agent.brand, "Brand");
  assert_text(agent.model, std::to_string(number));
  assert_text(agent.os, "");
  assert_true(agent.device == DeviceType::tv);
  assert_int_equal(agent.bot, number % 10 == 7);
}

void a_second_question_is_answered_from_memory(void**) {
  const auto rules = numbering_rules();
  AgentClassifier classifier(*rules, 1);
  for (unsigned turn = 0; turn < 3; ++turn) {
    for (unsigned i = 0; i < 1000; ++i) {
      expect_answer(classifier.classify(user_agent(i)), i);
    }
  }
  assert_true(classifier.misses() < 1010);  // a bucket may overflow
}

void answers_stay_right_while_the_ring_goes_round(void**) {
  const auto rules = numbering_rules();
  AgentClassifier classifier(*rules, 1, kSmallCache);
  for (unsigned i = 0; i < 50'000; ++i) {
    const unsigned number = i % 3 == 0 ? i % 90 : i;
    expect_answer(classifier.classify(user_agent(number)), number);
  }
}

void an_answer_outlives_its_question(void**) {
  const auto rules = numbering_rules();
  AgentClassifier classifier(*rules, 1);
  std::string asked = user_agent(12);
  (void)classifier.classify(asked);
  const Agent agent = classifier.classify(asked);
  asked.assign(asked.size(), '#');
  expect_answer(agent, 12);
}

void equal_hashes_are_told_apart_by_the_text(void**) {
  AgentCache cache(kSmallCache, 1);
  Agent agent;
  agent.browser = "one";
  (void)cache.put("first", 42, agent);
  assert_false(cache.find("other", 42).has_value());
  agent.browser = "two";
  (void)cache.put("other", 42, agent);
  assert_text(cache.find("first", 42)->browser, "one");
  assert_text(cache.find("other", 42)->browser, "two");
}

void the_longest_user_agents_fit(void**) {
  const auto rules = numbering_rules();
  AgentClassifier classifier(*rules, 1, kSmallCache);
  for (unsigned i = 0; i < 300; ++i) {
    const std::string text = user_agent(i) + std::string(5000, '.');
    expect_answer(classifier.classify(text), i);
    expect_answer(classifier.classify(text), i);
  }
  assert_int_equal(classifier.misses(), 300);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_second_question_is_answered_from_memory),
      cmocka_unit_test(answers_stay_right_while_the_ring_goes_round),
      cmocka_unit_test(an_answer_outlives_its_question),
      cmocka_unit_test(equal_hashes_are_told_apart_by_the_text),
      cmocka_unit_test(the_longest_user_agents_fit),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
