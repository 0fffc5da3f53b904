#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/geo/place.h"

namespace tributary {

// Fields of a Place, as bits.
enum PlaceField : std::uint8_t {
  kPlaceCountry = 1,
  kPlaceContinent = 2,
  kPlaceRegion = 4,
  kPlaceCity = 8,
  kPlaceIsp = 16,
  kPlaceConnection = 32,
  kPlaceAsn = 64,
};

// Which fields are known.
std::uint8_t known_fields(const Place& place) noexcept;

// Takes what `place` does not know yet from the record at `offset` of a data section: nested as MaxMind writes it, flat
// as DB-IP's npm packages and IPinfo do. Text longer than 255 bytes counts as unknown, a damaged record says what
// stands before the damage. The views point into `data`.
void read_place(std::span<const std::uint8_t> data, std::size_t offset, Place& place) noexcept;

}  // namespace tributary
