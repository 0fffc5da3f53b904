#pragma once

#include <string>

#include "ingestor/outbound/entry.h"
#include "ingestor/settings.h"
#include "platform/net/outbound_client.h"

namespace tributary::ingest {

struct MadeRequest {
  OutboundRequest request;
  std::string body;   // as it is sent
  std::string error;  // not empty: the template cannot be filled in
};

// The template of an entry, filled in.
MadeRequest make_request(const OutboxEntry& entry, const OutboundSettings& settings);

// Why an answer is no success; empty when it is one.
std::string failure_of(const OutboxEntry& entry, const OutboundAnswer& answer);

}  // namespace tributary::ingest
