#include "admin-api/snapshot/edge_table.h"

#include <algorithm>

#include "core/base/clock.h"

namespace tributary::admin {
namespace {

constexpr std::chrono::seconds kSignatureLifetime{60};
constexpr std::chrono::seconds kConnectTimeout{2};

}  // namespace

void EdgeTable::refresh(const std::vector<EdgeRecord>& records, const EdgeState& fresh) {
  std::erase_if(edges_, [&](const auto& item) {
    return std::find(records.begin(), records.end(), item.second.record) == records.end();
  });
  for (const auto& record : records) edges_.try_emplace(record.number, Edge{record, fresh, {}});
}

Edge* EdgeTable::find(const EdgeRecord& asked) {
  const auto found = edges_.find(asked.number);
  return found == edges_.end() || found->second.record != asked ? nullptr : &found->second;
}

EdgeState::Clock::time_point EdgeTable::next_due(EdgeState::Clock::time_point now,
                                                 EdgeState::Clock::time_point until) const {
  for (const auto& [number, edge] : edges_) {
    if (edge.state.due() > now) until = std::min(until, edge.state.due());
  }
  return until;
}

OutboundRequest push_request(const EdgeRecord& edge, const PushContent& content, const PushSecretKey& key,
                             std::chrono::milliseconds timeout) {
  PushEnvelope envelope;
  envelope.kind = content.kind;
  envelope.edge = edge.name;
  envelope.generation = content.generation;
  envelope.length = content.bytes->size();
  std::copy(content.sha256.begin(), content.sha256.end(), envelope.sha256.begin());
  envelope.format = content.format;
  envelope.expires_s = static_cast<std::uint64_t>(wall_clock_s() + kSignatureLifetime.count());
  OutboundRequest request{.url = edge.push_url,
                          .method = "PUT",
                          .body = content.bytes,
                          .timeout = timeout,
                          .connect_timeout = kConnectTimeout};
  request.headers.push_back(std::string(kPushHeader) + ": " + sign_push(envelope, key));
  request.headers.emplace_back("Content-Type: application/octet-stream");
  return request;
}

OutboundRequest report_request(const EdgeRecord& edge) {
  return {.url = edge.push_url, .timeout = std::chrono::seconds(5), .connect_timeout = kConnectTimeout};
}

std::string describe(const OutboundAnswer& answer) {
  if (answer.status == 0) return answer.error;
  return "HTTP " + std::to_string(answer.status) + " " + answer.body.substr(0, 300);
}

}  // namespace tributary::admin
