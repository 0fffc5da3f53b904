#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/file_identity.h"
#include "core/event/event.h"
#include "core/geo/geo_data.h"
#include "core/user_agent/agent_classifier.h"
#include "platform/enrich/visitor_facts.h"

namespace tributary {

// Finds out what the edge did not need to know of a visitor, from the same data files: where the address is, what the
// user agent says. Files that cannot be used are logged and leave their columns empty; replaced ones are taken up. One
// thread at a time.
class Enricher {
 public:
  // `geo_files`: paths divided by colons. Nothing is opened before the first look.
  Enricher(std::string_view geo_files, std::string user_agent_rules);

  // The place that the edge decided by stays what it was. Views live until the next call.
  VisitorFacts look(const Visit& visit);

  // Takes up files that were replaced; asks the file system at most every few seconds.
  void refresh(std::uint64_t now_ms);

  // What is wrong with the files at the moment; empty when nothing is.
  std::string problems() const;

 private:
  void refresh_places();
  void refresh_agents();

  GeoData geo_;
  std::string rules_path_;
  FileIdentity rules_seen_;
  std::string rules_problem_;
  std::unique_ptr<const AgentRules> rules_;
  std::unique_ptr<AgentClassifier> classifier_;
  std::uint64_t refreshed_ms_ = 0;  // 0: never
};

}  // namespace tributary
