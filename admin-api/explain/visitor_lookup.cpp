#include "admin-api/explain/visitor_lookup.h"

#include "core/base/clock.h"

namespace tributary::admin {

VisitorFacts VisitorLookup::look(const Visit& visit, std::deque<std::string>& keep) {
  const std::lock_guard lock(mutex_);
  enricher_.refresh(wall_clock_ms());
  VisitorFacts facts = enricher_.look(visit);
  Place& place = facts.place;
  Agent& agent = facts.agent;
  for (std::string_view* text :
       {&place.country, &place.continent, &place.region, &place.city, &place.isp, &place.connection, &agent.brand,
        &agent.model, &agent.os, &agent.os_version, &agent.browser, &agent.browser_version}) {
    *text = keep.emplace_back(*text);
  }
  return facts;
}

}  // namespace tributary::admin
