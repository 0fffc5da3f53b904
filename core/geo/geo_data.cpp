#include "core/geo/geo_data.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

#include "core/base/fd.h"
#include "core/base/file_identity.h"

namespace tributary {
namespace {

Result<std::unique_ptr<const GeoFile>, GeoFileError> open_file(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) {
    return GeoFileError{std::string("cannot be opened: ") + std::strerror(errno)};  // NOLINT(concurrency-mt-unsafe)
  }
  return GeoFile::open(fd.get());
}

}  // namespace

struct GeoData::Entry {
  std::string path;
  FileIdentity seen;
  bool looked = false;
  std::unique_ptr<const GeoFile> file;
  std::string problem;
};

GeoData::GeoData(std::vector<std::string> paths) {
  for (std::string& path : paths) {
    entries_.emplace_back().path = std::move(path);
  }
}

GeoData::~GeoData() = default;
GeoData::GeoData(GeoData&&) noexcept = default;
GeoData& GeoData::operator=(GeoData&&) noexcept = default;

bool GeoData::refresh() noexcept {
  bool changed = false;
  for (Entry& entry : entries_) {
    try {
      changed = refresh(entry) || changed;
    } catch (...) {
      entry.looked = false;  // no memory: the next call tries again
    }
  }
  return changed;
}

bool GeoData::refresh(Entry& entry) {
  const FileIdentity now = FileIdentity::of(entry.path);
  if (entry.looked && now == entry.seen) {
    return false;
  }
  auto opened = open_file(entry.path);
  entry.problem = opened ? "" : opened.error().text;
  if (opened) {
    entry.file = std::move(*opened);
  }
  entry.seen = now;
  entry.looked = true;
  return true;
}

Place GeoData::find(std::span<const std::uint8_t> address) const noexcept {
  Place place;
  for (const Entry& entry : entries_) {
    if (entry.file != nullptr) {
      entry.file->find(address, place);
    }
  }
  return place;
}

std::vector<GeoData::Status> GeoData::files() const {
  std::vector<Status> files;
  for (const Entry& entry : entries_) {
    Status status{entry.path, entry.file != nullptr, {}, 0, entry.problem};
    if (entry.file != nullptr) {
      status.metadata = entry.file->metadata();
      status.fields = entry.file->fields();
    }
    files.push_back(std::move(status));
  }
  return files;
}

std::string GeoData::problems() const {
  std::string text;
  for (const Entry& entry : entries_) {
    if (!entry.problem.empty()) {
      text += (text.empty() ? "" : "; ") + entry.path + " " + entry.problem;
    }
  }
  return text;
}

}  // namespace tributary
