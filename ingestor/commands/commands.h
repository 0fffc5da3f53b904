#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ingestor/run/redrive.h"
#include "ingestor/settings.h"

// The subcommands of tributary-ingestor. Each returns the exit code and prints for a person; errors come out as
// exceptions, caught in main.
namespace tributary::ingest {

int run_command(const IngestorSettings& settings);
int check_command(const IngestorSettings& settings);

int redrive_command(const IngestorSettings& settings, const RedriveSelection& selection);

int journal_list_command(const IngestorSettings& settings);
int journal_dump_command(const std::string& journal_path, const std::string& run_path);
int journal_verify_command(const std::string& journal_path, const std::string& run_path);

struct RecountSelection {
  std::string from_day;  // UTC, YYYY-MM-DD; both included
  std::string to_day;
  bool repair = false;
};
int recount_command(const IngestorSettings& settings, const RecountSelection& selection);

}  // namespace tributary::ingest
