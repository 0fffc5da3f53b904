#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/base/result.h"
#include "core/geo/mmdb_metadata.h"
#include "core/geo/place_record.h"

namespace tributary {

// Why a file is not used: for an operator, without the name of the file.
struct GeoFileError {
  std::string text;
};

// One .mmdb file, mapped. The one place that knows libmaxminddb. Immutable; any thread.
//
// The file must be replaced by renaming another over it, as geoipupdate does: one that is written in place loses pages
// that are mapped, and touching them is SIGBUS.
class GeoFile {
 public:
  // Opens, checks and looks through the first records; `fd` may be closed after.
  static Result<std::unique_ptr<const GeoFile>, GeoFileError> open(int fd);
  ~GeoFile();

  // Takes what `place` does not know yet. Views into the mapping. Does not allocate.
  void find(std::span<const std::uint8_t> address, Place& place) const noexcept;

  // What the records hold, as far as the first ones show.
  std::uint8_t fields() const noexcept { return fields_; }
  const MmdbMetadata& metadata() const noexcept { return metadata_; }

 private:
  struct Mapping;
  GeoFile();
  std::uint8_t probe() const;
  std::span<const std::uint8_t> data() const noexcept;

  std::unique_ptr<Mapping> mapping_;
  MmdbMetadata metadata_;
  std::uint8_t fields_ = 0;
};

}  // namespace tributary
