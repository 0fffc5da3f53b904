#include "core/geo/geo_file.h"

#include <arpa/inet.h>
#include <maxminddb.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

namespace tributary {
namespace {

constexpr std::size_t kTail = 128 * 1024;  // where the metadata may stand
constexpr std::size_t kSeparator = 16;     // between tree and data
constexpr std::size_t kProbedRecords = 256;
constexpr std::size_t kProbedNodes = 1u << 16;

std::string reason(int error) {
  return std::strerror(error);  // NOLINT(concurrency-mt-unsafe): glibc's is safe
}

// Empty when the file may be given to libmaxminddb, which believes what the metadata says of itself.
std::string check(int fd, MmdbMetadata& metadata) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return reason(errno);
  if (!S_ISREG(status.st_mode)) return "is no regular file";
  const auto size = static_cast<std::size_t>(status.st_size);
  std::vector<std::uint8_t> tail(std::min(size, kTail));
  const ssize_t got = pread(fd, tail.data(), tail.size(), static_cast<off_t>(size - tail.size()));
  if (got < 0) return reason(errno);
  tail.resize(static_cast<std::size_t>(got));
  auto found = read_mmdb_metadata(tail);
  if (!found) return "is no MaxMind DB file, or is cut off: it has no readable metadata at its end";
  metadata = std::move(*found);
  if (metadata.major_version != 2) return "has format " + std::to_string(metadata.major_version) + "; 2 is known";
  if (metadata.ip_version != 4 && metadata.ip_version != 6) return "says that it is for no known version of IP";
  if (metadata.record_bits != 24 && metadata.record_bits != 28 && metadata.record_bits != 32)
    return "says that its records have " + std::to_string(metadata.record_bits) + " bits; 24, 28 and 32 are known";
  if (metadata.node_count == 0 || metadata.node_count > size / (metadata.record_bits / 4))
    return "is shorter than it says";
  if (metadata.node_count * (metadata.record_bits / 4) + kSeparator > size) return "is shorter than it says";
  return {};
}

struct SocketAddress {
  sockaddr_storage storage{};
  bool valid = false;
  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
};

bool begins_with(std::span<const std::uint8_t> address, std::span<const std::uint8_t> prefix) noexcept {
  return std::equal(prefix.begin(), prefix.end(), address.begin());
}

SocketAddress socket_address(std::span<const std::uint8_t> address) noexcept {
  constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  constexpr std::array<std::uint8_t, 12> kTranslated = {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};  // NAT64
  if (address.size() == 16 && (begins_with(address, kMapped) || begins_with(address, kTranslated))) {
    address = address.subspan(12);
  }
  SocketAddress out;
  if (address.size() == 4) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(out.storage);
    v4.sin_family = AF_INET;
    std::memcpy(&v4.sin_addr, address.data(), 4);
    out.valid = true;
  } else if (address.size() == 16) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(out.storage);
    v6.sin6_family = AF_INET6;
    std::memcpy(&v6.sin6_addr, address.data(), 16);
    out.valid = true;
  }
  return out;
}

}  // namespace

struct GeoFile::Mapping {
  MMDB_s file{};
  bool open = false;
  ~Mapping() {
    if (open) MMDB_close(&file);
  }
};

GeoFile::GeoFile() : mapping_(std::make_unique<Mapping>()) {}
GeoFile::~GeoFile() = default;

Result<std::unique_ptr<const GeoFile>, GeoFileError> GeoFile::open(int fd) {
  std::unique_ptr<GeoFile> file(new GeoFile);
  if (const std::string problem = check(fd, file->metadata_); !problem.empty()) return GeoFileError{problem};
  // By its descriptor: what was checked is what is opened.
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  const int status = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &file->mapping_->file);
  if (status != MMDB_SUCCESS) return GeoFileError{"is not readable: " + std::string(MMDB_strerror(status))};
  file->mapping_->open = true;
  file->fields_ = file->probe();
  if (file->fields_ == 0)
    return GeoFileError{"(" + file->metadata_.type +
                        ") holds nothing of use: no country, region, city, network or connection type is in its first "
                        "records"};
  return std::unique_ptr<const GeoFile>(std::move(file));
}

std::span<const std::uint8_t> GeoFile::data() const noexcept {
  return {mapping_->file.data_section, mapping_->file.data_section_size};
}

void GeoFile::find(std::span<const std::uint8_t> address, Place& place) const noexcept {
  const SocketAddress wanted = socket_address(address);
  if (!wanted.valid || (fields_ & ~known_fields(place)) == 0) return;
  int status = MMDB_SUCCESS;
  const MMDB_lookup_result_s result = MMDB_lookup_sockaddr(&mapping_->file, wanted.get(), &status);
  if (status == MMDB_SUCCESS && result.found_entry) read_place(data(), result.entry.offset, place);
}

// Goes down the tree, left before right, until some records were seen.
std::uint8_t GeoFile::probe() const {
  std::vector<std::uint64_t> nodes = {0};
  std::uint8_t fields = 0;
  std::size_t records = 0;
  const auto visit = [&](std::uint8_t type, std::uint64_t record, const MMDB_entry_s& entry) {
    if (type == MMDB_RECORD_TYPE_SEARCH_NODE) nodes.push_back(record);
    if (type != MMDB_RECORD_TYPE_DATA) return;
    Place place;
    read_place(data(), entry.offset, place);
    fields |= known_fields(place);
    ++records;
  };
  for (std::size_t seen = 0; !nodes.empty() && records < kProbedRecords && seen < kProbedNodes; ++seen) {
    MMDB_search_node_s node{};
    const auto number = static_cast<std::uint32_t>(nodes.back());
    nodes.pop_back();
    if (MMDB_read_node(&mapping_->file, number, &node) != MMDB_SUCCESS) break;
    visit(node.right_record_type, node.right_record, node.right_record_entry);
    visit(node.left_record_type, node.left_record, node.left_record_entry);
  }
  return fields;
}

}  // namespace tributary
