#pragma once

#include <mutex>
#include <string>

#include "admin-api/explain/asked_visitor.h"
#include "platform/enrich/enricher.h"

namespace tributary::admin {

// Places and agents from the same data files that edges and ingestors have. Thread-safe.
class VisitorLookup final : public VisitorSource {
 public:
  // `geo_files`: paths divided by colons.
  VisitorLookup(const std::string& geo_files, const std::string& user_agent_rules)
      : enricher_(geo_files, user_agent_rules) {}

  VisitorFacts look(const Visit& visit, std::deque<std::string>& keep) override;

 private:
  std::mutex mutex_;
  Enricher enricher_;
};

}  // namespace tributary::admin
