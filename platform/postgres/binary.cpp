#include "platform/postgres/binary.h"

#include <algorithm>

namespace tributary {
namespace {

constexpr std::size_t kFirstCapacity = 4096;
constexpr std::uint8_t kInetFamily = 2;
constexpr std::uint8_t kInet6Family = 3;
constexpr int kNumericGroups = 12;  // base 10000: ten before the point hold 128 bits of micros, two after it

}  // namespace

void BinaryWriter::grow(std::size_t bytes) {
  const std::size_t capacity = std::max({kFirstCapacity, capacity_ * 2, size_ + bytes});
  std::unique_ptr<char[]> bigger(new char[capacity]);  // not value-initialised: it is about to be written
  if (size_ != 0) std::memcpy(bigger.get(), buffer_.get(), size_);
  buffer_ = std::move(bigger);
  capacity_ = capacity;
}

void BinaryWriter::inet(std::span<const std::uint8_t> address) {
  if (address.size() != 4 && address.size() != 16) return null();
  char* out = room(8 + address.size());
  store32(out, static_cast<std::uint32_t>(4 + address.size()));
  out[4] = static_cast<char>(address.size() == 4 ? kInetFamily : kInet6Family);
  out[5] = static_cast<char>(address.size() * 8);  // the whole address, no network
  out[6] = 0;                                      // inet, not cidr
  out[7] = static_cast<char>(address.size());
  std::memcpy(out + 8, address.data(), address.size());
}

// numeric: count, weight of the first group, sign, display scale, then groups of four decimal digits.
void BinaryWriter::money(__int128 micros) {
  using Unsigned = unsigned __int128;
  const Unsigned size = micros < 0 ? 0 - static_cast<Unsigned>(micros) : static_cast<Unsigned>(micros);
  const auto fraction = static_cast<std::uint32_t>(size % 1'000'000);
  std::uint16_t groups[kNumericGroups];
  int first = kNumericGroups - 2;
  groups[first] = static_cast<std::uint16_t>(fraction / 100);
  groups[first + 1] = static_cast<std::uint16_t>(fraction % 100 * 100);
  for (Unsigned units = size / 1'000'000; units != 0; units /= 10'000) {
    groups[--first] = static_cast<std::uint16_t>(units % 10'000);
  }
  int last = kNumericGroups;
  while (last > first && groups[last - 1] == 0) --last;
  while (first < last && groups[first] == 0) ++first;

  const int count = last - first;
  char* out = room(12 + 2 * static_cast<std::size_t>(count));
  store32(out, static_cast<std::uint32_t>(8 + 2 * count));
  store16(out + 4, static_cast<std::uint16_t>(count));
  store16(out + 6, static_cast<std::uint16_t>(count == 0 ? 0 : kNumericGroups - 3 - first));
  store16(out + 8, micros < 0 ? 0x4000 : 0);
  store16(out + 10, 6);
  for (int i = 0; i < count; ++i) store16(out + 12 + 2 * i, groups[first + i]);
}

std::size_t BinaryWriter::begin_array(std::uint32_t element_oid, std::uint32_t count, bool has_nulls) {
  const std::size_t mark = size_;
  put32(0);  // the length, known at the end
  put32(count == 0 ? 0 : 1);
  put32(has_nulls ? 1 : 0);
  put32(element_oid);
  if (count != 0) {
    put32(count);
    put32(1);  // lower bound
  }
  return mark;
}

void BinaryWriter::end_field(std::size_t mark) noexcept {
  store32(buffer_.get() + mark, static_cast<std::uint32_t>(size_ - mark - 4));
}

}  // namespace tributary
