#include <cstdio>

#include "ingestor/commands/commands.h"

namespace tributary::ingest {

int redrive_command(const IngestorSettings& settings, const RedriveSelection& selection) {
  Redrive redrive(settings);
  std::size_t stored = 0;
  std::size_t failed = 0;
  for (const std::int64_t id : redrive.select(selection)) {
    const std::string problem = redrive.store(id);
    if (problem.empty()) {
      ++stored;
      continue;
    }
    ++failed;
    std::printf("error %lld stays: %s\n", static_cast<long long>(id), problem.c_str());
  }
  std::printf("%zu stored, %zu still refused\n", stored, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace tributary::ingest
