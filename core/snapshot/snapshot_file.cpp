#include "core/snapshot/snapshot_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

#include "core/base/fd.h"
#include "core/snapshot/format.h"

namespace tributary {
namespace {

constexpr std::string_view kSuffix = ".snapshot";

SnapshotError io_error(const std::string& path, int error) {
  return {SnapshotError::Code::io, path + ": " + std::strerror(error)};
}

template <typename Number>
bool parse_number(std::string_view text, Number& out) noexcept {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string generation_text(Generation generation) {
  return std::to_string(generation.epoch) + "-" + std::to_string(generation.counter);
}

std::string snapshot_file_name(Generation generation) {
  return generation_text(generation) + std::string(kSuffix);
}

std::string snapshot_file_path(const std::string& dir, Generation generation) {
  return dir + "/" + snapshot_file_name(generation);
}

std::optional<Generation> parse_snapshot_file_name(std::string_view name) noexcept {
  const std::size_t dash = name.find('-');
  if (!name.ends_with(kSuffix) || dash == std::string_view::npos) {
    return std::nullopt;
  }
  Generation generation;
  const std::string_view counter = name.substr(dash + 1, name.size() - dash - 1 - kSuffix.size());
  if (!parse_number(name.substr(0, dash), generation.epoch) || !parse_number(counter, generation.counter) ||
      generation.counter == 0 || generation.counter > kMaxGenerationCounter) {
    return std::nullopt;
  }
  return generation;
}

std::vector<Generation> list_snapshot_files(const std::string& dir) {
  std::vector<Generation> found;
  const std::unique_ptr<DIR, int (*)(DIR*)> handle(::opendir(dir.c_str()), ::closedir);
  while (handle != nullptr) {
    const dirent* entry = ::readdir(handle.get());
    if (entry == nullptr) {
      break;
    }
    if (const auto generation = parse_snapshot_file_name(entry->d_name)) {
      found.push_back(*generation);
    }
  }
  std::sort(found.begin(), found.end(), std::greater<>());
  return found;
}

Result<SnapshotFile, SnapshotError> SnapshotFile::open_path(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0) {
    return io_error(path, errno);
  }
  if (!S_ISREG(status.st_mode) || status.st_size == 0) {
    return SnapshotError{SnapshotError::Code::malformed, path + ": is empty or not a file"};
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > kMaxSnapshotBytes) {
    return SnapshotError{SnapshotError::Code::too_large, path + ": has " + std::to_string(size) + " bytes, more than " +
                                                             std::to_string(kMaxSnapshotBytes)};
  }
  SnapshotFile file;
  file.mapping_ = MappedFile::map(fd.get(), size, MappedFile::Access::read);
  if (!file.mapping_.valid()) {
    return io_error(path, errno);
  }
  const auto header = read_snapshot_header(file.bytes());
  if (!header) {
    return SnapshotError{SnapshotError::Code::malformed, path + ": is not a snapshot"};
  }
  file.header_ = *header;
  return file;
}

Result<SnapshotFile, SnapshotError> SnapshotFile::open(const std::string& dir, Generation generation) {
  auto file = open_path(snapshot_file_path(dir, generation));
  if (file && file->header().generation != generation) {
    return SnapshotError{SnapshotError::Code::malformed, snapshot_file_path(dir, generation) + ": holds generation " +
                                                             generation_text(file->header().generation)};
  }
  if (file && (file->header().format < kMinSnapshotFormat || file->header().format > kMaxSnapshotFormat)) {
    return SnapshotError{SnapshotError::Code::wrong_format,
                         snapshot_file_path(dir, generation) + ": has format " + std::to_string(file->header().format)};
  }
  return file;
}

std::span<const std::uint8_t> SnapshotFile::bytes() const noexcept {
  return {reinterpret_cast<const std::uint8_t*>(mapping_.data()), mapping_.size()};
}

}  // namespace tributary
