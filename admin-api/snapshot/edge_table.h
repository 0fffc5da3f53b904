#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "admin-api/snapshot/edge_registry.h"
#include "admin-api/snapshot/edge_state.h"
#include "core/snapshot/push.h"
#include "platform/net/outbound_client.h"

// What the pushers of generations and of overlays share: whom they talk to, and how a push is made and told of.
namespace tributary::admin {

struct Edge {
  EdgeRecord record;
  EdgeState state;
  std::string logged;  // the last failure that went to the log
};

// The active edges by number.
class EdgeTable {
 public:
  using Edges = std::map<int, Edge>;

  // New edges come in, changed and removed ones start over or go; answers to what they were asked find nobody.
  void refresh(const std::vector<EdgeRecord>& records, const EdgeState& fresh);
  // nullptr when the edge was removed or changed since it was asked.
  Edge* find(const EdgeRecord& asked);
  // When an edge is due after `now`, or `until` when none is before that.
  EdgeState::Clock::time_point next_due(EdgeState::Clock::time_point now, EdgeState::Clock::time_point until) const;

  Edges::iterator begin() { return edges_.begin(); }
  Edges::iterator end() { return edges_.end(); }

 private:
  Edges edges_;
};

struct PushContent {
  PushKind kind = PushKind::snapshot;
  Generation generation;
  std::uint32_t format = 0;
  std::shared_ptr<const std::vector<std::uint8_t>> bytes;
  const std::string& sha256;
};

// The signed PUT of `content` to one edge.
OutboundRequest push_request(const EdgeRecord& edge, const PushContent& content, const PushSecretKey& key,
                             std::chrono::milliseconds timeout);

// What the edge says of itself.
OutboundRequest report_request(const EdgeRecord& edge);

// Why an answer is no success, for the log and for people.
std::string describe(const OutboundAnswer& answer);

}  // namespace tributary::admin
