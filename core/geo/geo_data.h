#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/geo/geo_file.h"

namespace tributary {

// The operator's geo data: one or several .mmdb files, asked in their order, each for what those before it did not
// know. So a country file and a city file go together, and the one named first wins.
//
// A file that is replaced is taken up by refresh(); one that cannot be used leaves the last good one in place. Not for
// several threads; the views of a Place live until the next refresh() or the end.
class GeoData {
 public:
  // Opens nothing yet.
  explicit GeoData(std::vector<std::string> paths);
  ~GeoData();
  GeoData(GeoData&&) noexcept;
  GeoData& operator=(GeoData&&) noexcept;

  // Opens every file that is new or has changed since it was last looked at (device, inode, size, time of change). One
  // stat per file when nothing did. True: something is different now, files() says what.
  bool refresh() noexcept;

  // 4 or 16 bytes in network order; IPv4 inside IPv6 (mapped, NAT64) is looked up as IPv4. Does not allocate.
  Place find(std::span<const std::uint8_t> address) const noexcept;

  struct Status {
    std::string path;
    bool loaded = false;
    MmdbMetadata metadata;    // of what is loaded
    std::uint8_t fields = 0;  // PlaceField bits of what is loaded
    std::string problem;      // why the file that is there now is not used; empty when it is
  };
  std::vector<Status> files() const;

  // All problems, "PATH PROBLEM" each, divided by "; ". Empty when every file is in use.
  std::string problems() const;

 private:
  struct Entry;
  static bool refresh(Entry& entry);
  std::vector<Entry> entries_;
};

}  // namespace tributary
