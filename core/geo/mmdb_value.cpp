#include "core/geo/mmdb_value.h"

namespace tributary {
namespace {

constexpr unsigned kMaxDepth = 16;
constexpr std::uint32_t kSizeMask = 31;

constexpr bool holds_entries(MmdbType type) noexcept {
  return type == MmdbType::map || type == MmdbType::array;
}

}  // namespace

std::uint64_t MmdbReader::big_endian(std::size_t offset, std::size_t bytes) const noexcept {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    number = number << 8 | data_[offset + i];
  }
  return number;
}

bool MmdbReader::read(std::size_t& offset, MmdbValue& value) noexcept {
  value.followed = false;
  if (offset >= data_.size()) {
    return false;
  }
  const std::uint8_t control = data_[offset];
  if (static_cast<MmdbType>(control >> 5) != MmdbType::pointer) {
    return read_head(offset, value);
  }
  std::size_t target = 0;
  if (!follow(offset, control, target) || target >= data_.size() ||
      static_cast<MmdbType>(data_[target] >> 5) == MmdbType::pointer) {
    return false;  // a pointer to a pointer is not allowed
  }
  if (!read_head(target, value)) {
    return false;
  }
  value.followed = true;
  return true;
}

// One to four bytes, and what the shorter ones begin to count from.
bool MmdbReader::follow(std::size_t& offset, std::uint8_t control, std::size_t& target) const noexcept {
  constexpr std::uint64_t kBase[] = {0, 2048, 526'336, 0};
  const std::size_t form = control >> 3 & 3u;
  const std::size_t bytes = form + 1;
  if (data_.size() - offset <= bytes) {
    return false;
  }
  const std::uint64_t high = form == 3 ? 0 : control & 7u;
  target = static_cast<std::size_t>((high << (8 * bytes) | big_endian(offset + 1, bytes)) + kBase[form]);
  offset += 1 + bytes;
  return true;
}

bool MmdbReader::read_head(std::size_t& offset, MmdbValue& value) noexcept {
  if (left_ == 0) {
    return false;
  }
  --left_;
  const std::uint8_t control = data_[offset++];
  value.type = static_cast<MmdbType>(control >> 5);
  if (value.type == MmdbType{}) {
    if (offset >= data_.size() || data_[offset] > 8) {
      return false;
    }
    value.type = static_cast<MmdbType>(data_[offset++] + 7);
  }
  if (!read_size(offset, value, control & kSizeMask)) {
    return false;
  }
  value.content = offset;
  if (holds_entries(value.type) || value.type == MmdbType::boolean) {
    return true;  // the size of a boolean is its value
  }
  if (value.size > data_.size() - offset) {
    return false;
  }
  offset += value.size;
  return true;
}

bool MmdbReader::read_size(std::size_t& offset, MmdbValue& value, std::uint32_t base) noexcept {
  constexpr std::uint32_t kLonger[] = {29, 285, 65'821};
  value.size = base;
  if (base < kLonger[0]) {
    return true;
  }
  const std::size_t bytes = base - 28;
  if (data_.size() - offset < bytes) {
    return false;
  }
  value.size = kLonger[bytes - 1] + static_cast<std::uint32_t>(big_endian(offset, bytes));
  offset += bytes;
  return true;
}

bool MmdbReader::skip(const MmdbValue& value, std::size_t& offset, unsigned depth) noexcept {
  if (value.followed || !holds_entries(value.type)) {
    return true;
  }
  if (depth == kMaxDepth) {
    return false;
  }
  const std::uint64_t values = std::uint64_t{value.size} * (value.type == MmdbType::map ? 2 : 1);
  for (std::uint64_t i = 0; i < values; ++i) {
    MmdbValue inner;
    if (!read(offset, inner) || !skip(inner, offset, depth + 1)) {
      return false;
    }
  }
  return true;
}

std::string_view MmdbReader::text(const MmdbValue& value) const noexcept {
  if (value.type != MmdbType::text) {
    return {};
  }
  return {reinterpret_cast<const char*>(data_.data()) + value.content, value.size};
}

std::uint64_t MmdbReader::number(const MmdbValue& value) const noexcept {
  const bool integer =
      value.type == MmdbType::uint16 || value.type == MmdbType::uint32 || value.type == MmdbType::uint64;
  return integer && value.size <= sizeof(std::uint64_t) ? big_endian(value.content, value.size) : 0;
}

}  // namespace tributary
