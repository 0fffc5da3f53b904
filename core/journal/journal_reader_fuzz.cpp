// Reading whatever lies in a journal directory: must end, must not crash, and every item must begin where the one
// before it ended. The input is one segment file, or two with the cut given by its first two bytes.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <span>

#include "core/journal/journal_reader.h"
#include "core/journal/names.h"
#include "core/journal/segment_header.h"
#include "core/journal/test_directories.h"

using namespace tributary;

namespace {

constexpr JournalId kId{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

// The header page is mostly zero: the input carries its first 128 bytes only.
constexpr std::size_t kHeaderPart = 128;

void write_segment(const std::string& directory, Position first, std::span<const char> bytes) {
  std::string whole(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(std::min(kHeaderPart, bytes.size())));
  whole.resize(kSegmentHeaderSize);
  if (bytes.size() > kHeaderPart) whole.append(bytes.begin() + kHeaderPart, bytes.end());
  std::ofstream(join_path(directory, segment_name({kId, first, 0})), std::ios::binary) << whole;
}

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static TestDirectories directories;
  if (size < 2) return 0;
  std::uint16_t cut;
  std::memcpy(&cut, data, sizeof(cut));
  std::span bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  std::size_t first_size = std::min<std::size_t>(cut, bytes.size());
  write_segment(directories.journal(), 0, bytes.first(first_size));
  if (first_size < bytes.size()) write_segment(directories.journal(), 1024, bytes.subspan(first_size));

  auto reader = JournalReader::open(directories.journal(), directories.run(), kId, 0);
  require(reader.ok());
  Position at = 0;
  std::size_t items = 0;
  while (auto item = (*reader)->read()) {
    require(item->position == at && item->next > at);
    if (item->kind == JournalItem::Kind::damaged) require(item->bytes.size() == item->next - at);
    at = item->next;
    require(++items <= size + 2);
  }
  require((*reader)->state() == JournalState::ended);
  (*reader)->release(at, 0, 0, UINT64_MAX / 2);
  list_journals(directories.journal(), directories.run());
  reader->reset();
  for (const auto& left : std::filesystem::directory_iterator(directories.journal())) std::filesystem::remove(left);
  return 0;
}
