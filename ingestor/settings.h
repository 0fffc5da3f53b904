#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "ingestor/outbound/retry_ladder.h"
#include "platform/enrich/enricher.h"
#include "platform/net/address_guard.h"
#include "platform/postgres/connection.h"
#include "platform/settings/settings.h"

namespace tributary::ingest {

// How outbound postbacks are sent.
struct OutboundSettings {
  AddressGuard guard;
  RetryLadder retries;
  std::size_t concurrency = 0;
  std::size_t per_host = 0;
  std::chrono::milliseconds timeout{0};
  std::chrono::milliseconds connect_timeout{0};
  std::int32_t pause_after = 0;
  std::int64_t pause_s = 0;

  // How long an entry belongs to the sender that took it: with room for one that waits, and for recording.
  std::chrono::milliseconds lease() const noexcept { return 4 * timeout + std::chrono::seconds(2); }
};

// The settings of tributary-ingestor; every key is documented in conf/ingestor.yaml.
struct IngestorSettings {
  std::string postgres_url;  // secret
  std::string journal_path;
  std::string run_path;
  std::uint64_t keep_s = 0;
  std::uint64_t keep_bytes = 0;
  std::size_t batch_rows = 0;
  std::size_t batch_bytes = 0;
  std::uint64_t batch_interval_ms = 0;
  std::string http_listen;
  std::string log_level;
  std::string log_format;
  std::uint64_t retention_days = 0;
  std::string geo_files;
  std::string user_agent_rules;
  OutboundSettings outbound;

  ConnectOptions connection(const std::string& purpose) const;
  Enricher enricher() const { return {geo_files, user_agent_rules}; }
};

const SettingsSchema& ingestor_settings_schema();

// Reads the file and the environment of this process; throws SettingsError.
IngestorSettings load_ingestor_settings(const std::string& path);

}  // namespace tributary::ingest
