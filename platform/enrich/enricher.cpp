#include "platform/enrich/enricher.h"

#include <random>
#include <vector>

#include "core/base/clock.h"
#include "platform/log/log.h"

namespace tributary {
namespace {

constexpr std::uint64_t kRefreshEveryMs = 5'000;

std::vector<std::string> paths_of(std::string_view list) {
  std::vector<std::string> paths;
  while (!list.empty()) {
    const std::size_t colon = list.find(':');
    if (colon != 0) paths.emplace_back(list.substr(0, colon));
    list.remove_prefix(colon == std::string_view::npos ? list.size() : colon + 1);
  }
  return paths;
}

}  // namespace

Enricher::Enricher(std::string_view geo_files, std::string user_agent_rules)
    : geo_(paths_of(geo_files)), rules_path_(std::move(user_agent_rules)) {}

VisitorFacts Enricher::look(const Visit& visit) {
  if (refreshed_ms_ == 0) refresh(wall_clock_ms());
  VisitorFacts facts;
  facts.place = visit.place ? *visit.place : geo_.find(visit.address);
  facts.agent_known = classifier_ != nullptr;
  if (facts.agent_known) facts.agent = classifier_->classify(visit.user_agent);
  return facts;
}

void Enricher::refresh(std::uint64_t now_ms) {
  if (refreshed_ms_ != 0 && now_ms - refreshed_ms_ < kRefreshEveryMs) return;
  refreshed_ms_ = now_ms;
  refresh_places();
  refresh_agents();
}

void Enricher::refresh_places() {
  if (!geo_.refresh()) return;
  for (const GeoData::Status& file : geo_.files()) {
    if (file.problem.empty()) {
      log::info("geo data is in use", {{"file", file.path}, {"type", file.metadata.type}});
    } else {
      log::error("geo data cannot be used", {{"file", file.path}, {"problem", file.problem}});
    }
  }
}

void Enricher::refresh_agents() {
  if (rules_path_.empty()) return;
  const FileIdentity now = FileIdentity::of(rules_path_);
  if (now == rules_seen_) return;
  rules_seen_ = now;
  auto loaded = AgentRules::load(rules_path_);
  rules_problem_ = loaded ? "" : loaded.error().text;
  if (!loaded) {
    return log::error("user agent rules cannot be used", {{"file", rules_path_}, {"problem", rules_problem_}});
  }
  auto classifier = std::make_unique<AgentClassifier>(**loaded, std::random_device{}());
  classifier_ = std::move(classifier);  // before the rules that the old one looks at go
  rules_ = std::move(*loaded);
  log::info("user agent rules are in use", {{"file", rules_path_}, {"rules", rules_->rules()}});
}

std::string Enricher::problems() const {
  std::string text = geo_.problems();
  if (!rules_problem_.empty()) text += (text.empty() ? "" : "; ") + rules_path_ + " " + rules_problem_;
  return text;
}

}  // namespace tributary
