#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/condition/ranges.h"

namespace tributary {

// An IPv6 address as a number.
using WideNumber = unsigned __int128;

// An address as a number of its family. IPv4 inside IPv6 (::ffff:a.b.c.d) is IPv4.
struct AddressNumber {
  bool is_v4 = false;
  WideNumber number = 0;
};

// 4 or 16 bytes in network order; nothing for any other length.
std::optional<AddressNumber> address_number(std::span<const std::uint8_t> bytes) noexcept;

struct AddressRange {
  bool is_v4 = false;
  NumberRange<WideNumber> numbers;
};

// "192.0.2.1", "192.0.2.0/24", "192.0.2.1-192.0.2.9" and the same with IPv6. Bits behind a prefix are ignored.
std::optional<AddressRange> parse_address_range(std::string_view text) noexcept;

// For a person.
std::string address_text(const AddressNumber& address);

}  // namespace tributary
