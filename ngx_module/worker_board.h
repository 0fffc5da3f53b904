#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/mapped_file.h"
#include "ngx_module/text/report.h"

namespace tributary {

// What each worker says about itself, for the status page and the metrics that any worker may answer: one line per slot
// in `<run_path>/workers.1`, written by its holder twice a second. Readers may see a line half old, half new.
class WorkerBoard {
 public:
  // Throws std::system_error.
  explicit WorkerBoard(const std::string& run_path);

  void write(const WorkerReport& line) noexcept;
  // Of the slots in `live`; the others are history.
  std::vector<WorkerReport> read(const std::vector<std::uint32_t>& live) const;

 private:
  struct Entry;
  Entry& entry(std::uint32_t slot) const noexcept;

  MappedFile file_;
};

}  // namespace tributary
