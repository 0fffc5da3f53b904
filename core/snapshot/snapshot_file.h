#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/generation.h"
#include "core/base/mapped_file.h"
#include "core/base/result.h"
#include "core/snapshot/snapshot_layer.h"
#include "core/snapshot/snapshot_view.h"

namespace tributary {

// `<epoch>-<counter>.snapshot`
std::string snapshot_file_name(Generation generation);
std::optional<Generation> parse_snapshot_file_name(std::string_view name) noexcept;
std::string snapshot_file_path(const std::string& dir, Generation generation);
std::string generation_text(Generation generation);  // "<epoch>-<counter>"

// The generations that have a file in `dir`, newest first. Other files are passed over.
std::vector<Generation> list_snapshot_files(const std::string& dir);

// One snapshot file, mapped read-only and MAP_SHARED: all workers share one physical copy. Published files are complete
// before they get their name and are never changed after, so the mapping cannot shrink under a reader.
class SnapshotFile {
 public:
  // The header is read; the rest is as trustworthy as whoever wrote the file.
  static Result<SnapshotFile, SnapshotError> open_path(const std::string& path);
  // Refuses a file that holds another generation than its name says.
  static Result<SnapshotFile, SnapshotError> open(const std::string& dir, Generation generation);

  SnapshotFile() noexcept = default;

  std::span<const std::uint8_t> bytes() const noexcept;
  const SnapshotHeader& header() const noexcept { return header_; }

 private:
  MappedFile mapping_;
  SnapshotHeader header_;
};

}  // namespace tributary
