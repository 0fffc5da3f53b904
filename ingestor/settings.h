#pragma once

#include <cstdint>
#include <string>

#include "platform/enrich/enricher.h"
#include "platform/postgres/connection.h"
#include "platform/settings/settings.h"

namespace tributary::ingest {

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

  ConnectOptions connection(const std::string& purpose) const;
  Enricher enricher() const { return {geo_files, user_agent_rules}; }
};

const SettingsSchema& ingestor_settings_schema();

// Reads the file and the environment of this process; throws SettingsError.
IngestorSettings load_ingestor_settings(const std::string& path);

}  // namespace tributary::ingest
