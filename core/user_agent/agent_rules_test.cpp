#include "core/user_agent/agent_rules.h"

#include <cstring>
#include <string>

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

std::unique_ptr<const AgentRules> rules_of(const std::string& lines) {
  auto rules = AgentRules::parse("tributary-user-agents 1\n" + lines);
  if (!rules) {
    fail_msg("%s", rules.error().text.c_str());
  }
  return std::move(*rules);
}

std::string refusal_of(const std::string& text) {
  const auto rules = AgentRules::parse(text);
  assert_false(rules.ok());
  return rules.error().text;
}

std::unique_ptr<const AgentRules> real_rules() {
  auto rules = AgentRules::load(TRIBUTARY_SOURCE_DIR "/conf/user-agents/agents.rules");
  if (!rules) {
    fail_msg("%s", rules.error().text.c_str());
  }
  return std::move(*rules);
}

void the_first_rule_of_a_section_that_matches_answers(void**) {
  const auto rules = rules_of("[browser]\nEdge\t-\tEdge\nChrome\t-\tChrome\nSafari\t-\tSafari\n");
  AgentScratch scratch;
  assert_text(rules->match("Chrome/1 Safari/2 Edge/3", scratch).browser, "Edge");
  assert_text(rules->match("Safari/2 Chrome/1", scratch).browser, "Chrome");
  assert_text(rules->match("Links", scratch).browser, "");
}

void groups_stand_where_the_texts_say(void**) {
  const auto rules = rules_of(
      "[browser]\n(\\w+) Web/(\\d+)\\.(\\d+)\t-\tWeb of $1\t$2\t$3\t\n"
      "[device]\n; (\\w+)_(\\w+) Build\t-\tBrand $2\t $1$9 \n");
  AgentScratch scratch;
  const Agent agent = rules->match("My Web/4.20; K_Nokia Build", scratch);
  assert_text(agent.browser, "Web of My");
  assert_text(agent.browser_version, "4.20");
  assert_text(agent.brand, "Brand Nokia");
  assert_text(agent.model, "K");
}

void case_counts_unless_the_flag_says_otherwise(void**) {
  const auto rules = rules_of("[os]\nlinux\ti\tLinux\nplan9\t-\tPlan 9\n");
  AgentScratch scratch;
  assert_text(rules->match("LINUX", scratch).os, "Linux");
  assert_text(rules->match("PLAN9", scratch).os, "");
}

void a_rule_without_any_literal_is_tried_always(void**) {
  const auto rules = rules_of("[bot]\n^.$\t-\n");
  AgentScratch scratch;
  assert_true(rules->match("x", scratch).bot);
  assert_false(rules->match("xy", scratch).bot);
}

void no_user_agent_says_nothing(void**) {
  AgentScratch scratch;
  assert_true(real_rules()->match("", scratch) == Agent{});
}

void any_bytes_are_judged_without_harm(void**) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) {
    every_byte += static_cast<char>(byte);
  }
  AgentScratch scratch;
  const auto rules = real_rules();
  (void)rules->match(every_byte, scratch);
  assert_text(rules->match(every_byte + "(iPhone; CPU iPhone OS 17_4 like Mac OS X)", scratch).os, "iOS");
}

void what_stands_behind_the_limit_is_not_read(void**) {
  AgentScratch scratch;
  const auto rules = real_rules();
  const std::string padding(AgentRules::kMaxUserAgent - 3, 'x');
  assert_false(rules->match(padding + "Googlebot/2.1", scratch).bot);
  assert_true(rules->match(padding.substr(10) + "Googlebot/2.1", scratch).bot);
}

struct Known {
  const char* user_agent;
  Agent agent;
};

// proves: A35
void well_known_user_agents_are_recognised(void**) {
  const Known table[] = {
      {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
       "Safari/537.36",
       {DeviceType::desktop, false, "", "", "Windows", "10", "Chrome", "126.0.0"}},
      {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
       "Version/17.4.1 "
       "Mobile/15E148 Safari/604.1",
       {DeviceType::phone, false, "Apple", "iPhone", "iOS", "17.4.1", "Mobile Safari", "17.4.1"}},
      {"Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 "
       "Mobile/15E148 "
       "Safari/604.1",
       {DeviceType::tablet, false, "Apple", "iPad", "iOS", "16.6", "Mobile Safari", "16.6"}},
      {"Mozilla/5.0 (Linux; Android 13; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/112.0.0.0 Mobile "
       "Safari/537.36",
       {DeviceType::phone, false, "Samsung", "SM-S918B", "Android", "13", "Chrome Mobile", "112.0.0"}},
      {"Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
       {DeviceType::desktop, false, "", "", "Linux", "", "Firefox", "127.0"}},
      {"Mozilla/5.0 (SMART-TV; Linux; Tizen 5.0) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/2.2 "
       "Chrome/63.0.3239.84 TV Safari/537.36",
       {DeviceType::tv, false, "Samsung", "SMART-TV", "Tizen", "5.0", "Samsung Internet", "2.2"}},
      {"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
       {DeviceType::unknown, true, "", "", "", "", "Googlebot", "2.1"}},
  };
  const auto rules = real_rules();
  AgentScratch scratch;
  for (const auto& [user_agent, wanted] : table) {
    const Agent agent = rules->match(user_agent, scratch);
    assert_text(agent.os, wanted.os);
    assert_text(agent.os_version, wanted.os_version);
    assert_text(agent.browser, wanted.browser);
    assert_text(agent.browser_version, wanted.browser_version);
    assert_text(agent.brand, wanted.brand);
    assert_text(agent.model, wanted.model);
    assert_text(device_type_name(agent.device), device_type_name(wanted.device));
    assert_int_equal(agent.bot, wanted.bot);
  }
}

void files_that_cannot_be_rules_are_refused_with_the_line(void**) {
  const std::string first = "tributary-user-agents 1\n";
  assert_non_null(strstr(refusal_of("").c_str(), "line 1"));
  assert_non_null(strstr(refusal_of("tributary-user-agents 2\n").c_str(), "line 1"));
  assert_non_null(strstr(refusal_of(first + "a\t-\tb\n").c_str(), "line 2: no rule"));
  assert_non_null(strstr(refusal_of(first + "[cars]\n").c_str(), "line 2: unknown section"));
  assert_non_null(strstr(refusal_of(first + "[os]\na\tx\tb\n").c_str(), "line 3: no rule"));
  assert_non_null(strstr(refusal_of(first + "[os]\na\t-\t1\t2\t3\t4\t5\n").c_str(), "line 3: no rule"));
  assert_non_null(strstr(refusal_of(first + "[os]\n\n(a\t-\tb\n").c_str(), "line 4: missing )"));
  assert_non_null(
      strstr(refusal_of(first + "[type]\na\t-\ttoaster\n").c_str(), "line 3: \"toaster\" is no device type"));
  assert_false(AgentRules::load("/nonexistent").ok());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(the_first_rule_of_a_section_that_matches_answers),
      cmocka_unit_test(groups_stand_where_the_texts_say),
      cmocka_unit_test(case_counts_unless_the_flag_says_otherwise),
      cmocka_unit_test(a_rule_without_any_literal_is_tried_always),
      cmocka_unit_test(no_user_agent_says_nothing),
      cmocka_unit_test(any_bytes_are_judged_without_harm),
      cmocka_unit_test(what_stands_behind_the_limit_is_not_read),
      cmocka_unit_test(well_known_user_agents_are_recognised),
      cmocka_unit_test(files_that_cannot_be_rules_are_refused_with_the_line),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
