#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ingestor/owners/owner.h"

namespace tributary::ingest {

// One postback to send: a row of events.outbox with what its template says at this moment.
struct OutboxEntry {
  std::int64_t id = 0;
  TeamId team{};
  std::int32_t template_id = 0;
  std::int64_t attempt = 1;   // the one that comes now
  std::int64_t failures = 0;  // of the peer, in a row, when the entry was claimed
  std::string method;
  std::string url;
  std::string host;
  std::string body;
  std::string content_type;
  std::vector<std::string> headers;  // "Name: value"
  long first_success = 200;          // statuses that mean success, both ends included
  long last_success = 299;
  std::string success_substring;
  std::map<std::string, std::string, std::less<>> values;  // by the canonical name of the macro
};

// What came of an attempt.
struct OutboxResult {
  OutboxEntry entry;
  std::int64_t started_us = 0;
  std::chrono::milliseconds took{0};
  std::string url;   // as it was sent
  std::string body;  // as it was sent
  long status = 0;
  std::string answer;
  std::string error;                                                 // empty: a success
  std::optional<std::chrono::milliseconds> retry_in = std::nullopt;  // of a failure; nothing: given up
};

}  // namespace tributary::ingest
