#include "core/user_agent/agent_rules.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

#include "core/base/ascii.h"

namespace tributary {
namespace {

constexpr std::size_t kMaxFile = 16u << 20;
constexpr std::size_t kMaxText = 120;
constexpr std::string_view kOther = "Other";    // uap-core's word for unknown
constexpr std::string_view kSpider = "Spider";  // the brand that uap-core gives to bots

constexpr std::size_t index(RuleSection section) noexcept {
  return static_cast<std::size_t>(section);
}

DeviceType device_type_of(std::string_view word) noexcept {
  for (const DeviceType type : {DeviceType::desktop, DeviceType::phone, DeviceType::tablet, DeviceType::tv,
                                DeviceType::console, DeviceType::wearable}) {
    if (device_type_name(type) == word) {
      return type;
    }
  }
  return DeviceType::unknown;
}

// Appends into memory that was given; what does not fit is cut.
class TextWriter {
 public:
  TextWriter(char* begin, std::size_t room) noexcept : begin_(begin), room_(std::min(room, kMaxText)) {}
  void put(std::string_view text) noexcept { size_ += text.copy(begin_ + size_, room_ - size_); }
  std::string_view text() const noexcept { return {begin_, size_}; }

 private:
  char* begin_;
  std::size_t room_;
  std::size_t size_ = 0;
};

void expand(std::string_view pattern, const RuleGroups& groups, TextWriter& out) noexcept {
  for (std::size_t at = pattern.find('$'); at != std::string_view::npos; at = pattern.find('$')) {
    out.put(pattern.substr(0, at));
    pattern.remove_prefix(at + 1);
    if (!pattern.empty() && ascii::is_digit(pattern.front())) {
      out.put(groups[static_cast<std::size_t>(pattern.front() - '0')]);
      pattern.remove_prefix(1);
    } else {
      out.put("$");
    }
  }
  out.put(pattern);
}

// 17, 4 and 1 become 17.4.1; what stands behind a missing part is left out.
std::string_view version_of(std::string_view major, std::string_view minor, std::string_view patch, TextWriter out) {
  out.put(major);
  for (const std::string_view part : {minor, patch}) {
    if (part.empty()) {
      break;
    }
    out.put(".");
    out.put(part);
  }
  return out.text();
}

}  // namespace

Result<std::unique_ptr<const AgentRules>, AgentRulesError> AgentRules::load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return AgentRulesError{"cannot be read"};
  }
  std::string text;
  file.seekg(0, std::ios::end);
  if (!file || static_cast<std::size_t>(file.tellg()) > kMaxFile) {
    return AgentRulesError{"this is no file of user agent rules: it is larger than 16 MB"};
  }
  file.seekg(0);
  text.assign(std::istreambuf_iterator<char>(file), {});
  return parse(text);
}

Result<std::unique_ptr<const AgentRules>, AgentRulesError> AgentRules::parse(std::string_view text) {
  auto lists = parse_agent_rules(text);
  if (!lists) {
    return lists.error();
  }
  std::unique_ptr<AgentRules> rules(new AgentRules);
  rules->rules_ = std::move(*lists);
  std::string error;
  if (!rules->compile(error)) {
    return AgentRulesError{error};
  }
  return std::unique_ptr<const AgentRules>(std::move(rules));
}

bool AgentRules::compile(std::string& error) {
  for (const AgentRule& rule : rules_[index(RuleSection::type)]) {
    if (device_type_of(rule.texts[0]) == DeviceType::unknown) {
      error = "line " + std::to_string(rule.line) + ": \"" + rule.texts[0] + "\" is no device type";
      return false;
    }
  }
  std::map<std::string, std::vector<Place>> known;
  for (std::size_t section = 0; section < kRuleSections; ++section) {
    if (!lists_[section].compile(rules_[section], error)) {
      return false;
    }
    const auto& literals = lists_[section].literals();
    for (std::size_t i = 0; i < literals.size(); ++i) {
      known[literals[i]].push_back({static_cast<RuleSection>(section), static_cast<int>(i)});
    }
  }
  std::vector<std::string> literals;
  for (auto& [literal, places] : known) {
    literals.push_back(literal);
    places_.push_back(std::move(places));
  }
  if (!matcher_.build(literals)) {
    error = "the expressions need more literals than fit";
    return false;
  }
  return true;
}

std::size_t AgentRules::rules() const noexcept {
  std::size_t count = 0;
  for (const auto& list : rules_) {
    count += list.size();
  }
  return count;
}

void AgentRules::find_literals(std::string_view user_agent, AgentScratch& scratch) const noexcept {
  scratch.seen_.resize(places_.size());
  for (auto& found : scratch.found_) {
    found.clear();
  }
  if (++scratch.turn_ == 0) {
    scratch.seen_.assign(places_.size(), 0);
    scratch.turn_ = 1;
  }
  matcher_.scan(user_agent, [&](std::uint32_t literal) {
    if (scratch.seen_[literal] == scratch.turn_) {
      return;
    }
    scratch.seen_[literal] = scratch.turn_;
    for (const Place& place : places_[literal]) {
      scratch.found_[index(place.section)].push_back(place.number);
    }
  });
}

bool AgentRules::answer(RuleSection section, std::string_view user_agent, AgentScratch& scratch,
                        Texts& texts) const noexcept {
  RuleGroups groups;
  const std::size_t i = index(section);
  const std::size_t rule = lists_[i].first(user_agent, scratch.found_[i], scratch.candidates_, groups);
  if (rule == RuleList::kNone) {
    return false;
  }
  for (std::size_t t = 0; t < texts.size(); ++t) {
    TextWriter out(scratch.text_.data() + scratch.used_, scratch.text_.size() - scratch.used_);
    expand(rules_[i][rule].texts[t], groups, out);
    scratch.used_ += out.text().size();
    texts[t] = ascii::trim(out.text());
  }
  if (texts[0] == kOther) {
    texts[0] = {};
  }
  return true;
}

Agent AgentRules::match(std::string_view user_agent, AgentScratch& scratch) const noexcept {
  user_agent = user_agent.substr(0, kMaxUserAgent);
  Agent agent;
  if (user_agent.empty()) {
    return agent;
  }
  find_literals(user_agent, scratch);
  scratch.used_ = 0;
  Texts texts;
  const auto version = [&] {
    const auto text = version_of(texts[1], texts[2], texts[3],
                                 {scratch.text_.data() + scratch.used_, scratch.text_.size() - scratch.used_});
    scratch.used_ += text.size();
    return text;
  };
  if (answer(RuleSection::browser, user_agent, scratch, texts)) {
    agent.browser = texts[0];
    agent.browser_version = version();
  }
  if (answer(RuleSection::os, user_agent, scratch, texts)) {
    agent.os = texts[0];
    agent.os_version = version();
  }
  if (answer(RuleSection::device, user_agent, scratch, texts)) {
    agent.bot = texts[0] == kSpider;
    if (!agent.bot) {
      agent.brand = texts[0];
      agent.model = texts[1];
    }
  }
  if (answer(RuleSection::type, user_agent, scratch, texts)) {
    agent.device = device_type_of(texts[0]);
  }
  agent.bot = agent.bot || answer(RuleSection::bot, user_agent, scratch, texts);
  return agent;
}

}  // namespace tributary
