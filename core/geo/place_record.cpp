#include "core/geo/place_record.h"

#include <charconv>

#include "core/base/word_table.h"
#include "core/geo/country.h"
#include "core/geo/mmdb_value.h"

namespace tributary {
namespace {

constexpr std::size_t kMaxText = 255;

enum class Key : std::uint8_t {
  country,
  continent,
  region,
  region_code,
  city,
  isp,
  network,
  organisation,
  connection,
  asn,
  subdivisions,
  traits
};

constexpr WordEntry<Key> kWords[] = {
    {"country", Key::country},
    {"country_code", Key::country},
    {"country_iso_code", Key::country},
    {"continent", Key::continent},
    {"continent_code", Key::continent},
    {"region", Key::region},
    {"region_name", Key::region},
    {"state1", Key::region},
    {"stateprov", Key::region},
    {"region_code", Key::region_code},
    {"region_iso_code", Key::region_code},
    {"subdivisions", Key::subdivisions},
    {"city", Key::city},
    {"isp", Key::isp},
    {"autonomous_system_organization", Key::network},
    {"as_organization", Key::network},
    {"as_name", Key::network},
    {"organization", Key::organisation},
    {"connection_type", Key::connection},
    {"autonomous_system_number", Key::asn},
    {"as_number", Key::asn},
    {"asn", Key::asn},
    {"traits", Key::traits},
};
constexpr WordTable kKeys(kWords);

// What one record says, before it is decided which of similar fields counts.
struct Record {
  std::string_view country, continent;  // static
  std::string_view region, region_code, city, isp, network, organisation, connection;
  std::uint32_t asn = 0;
};

class RecordReader {
 public:
  explicit RecordReader(std::span<const std::uint8_t> data) noexcept : reader_(data) {}

  void read(std::size_t offset) noexcept {
    MmdbValue value;
    if (reader_.read(offset, value) && value.type == MmdbType::map) {
      reader_.each_entry(value, [&](std::string_view key, const MmdbValue& field) { take(key, field); });
    }
  }

  const Record& record() const noexcept { return record_; }

 private:
  void take(std::string_view key, const MmdbValue& value) noexcept;
  void take_asn(const MmdbValue& value) noexcept;
  void take_subdivisions(const MmdbValue& value) noexcept;

  // The text itself, or that of an entry of a map.
  std::string_view text(const MmdbValue& value, std::string_view entry) noexcept;
  std::string_view name(const MmdbValue& value) noexcept;
  MmdbValue entry_of(const MmdbValue& map, std::string_view wanted) noexcept;

  MmdbReader reader_;
  Record record_;
};

// Some files say "country": "Italy" beside "country_code": "IT".
void take_code(std::string_view& field, std::string_view code) noexcept {
  if (!code.empty()) {
    field = code;
  }
}

void RecordReader::take(std::string_view key, const MmdbValue& value) noexcept {
  const auto* word = kKeys.find(key);
  if (word == nullptr) {
    return;
  }
  switch (word->value) {
    case Key::country: take_code(record_.country, find_country(text(value, "iso_code")).code); break;
    case Key::continent: take_code(record_.continent, find_continent(text(value, "code"))); break;
    case Key::region: record_.region = text(value, {}); break;
    case Key::region_code: record_.region_code = text(value, {}); break;
    case Key::subdivisions: take_subdivisions(value); break;
    case Key::city: record_.city = value.type == MmdbType::map ? name(value) : text(value, {}); break;
    case Key::isp: record_.isp = text(value, {}); break;
    case Key::network: record_.network = text(value, {}); break;
    case Key::organisation: record_.organisation = text(value, {}); break;
    case Key::connection: record_.connection = text(value, {}); break;
    case Key::asn: take_asn(value); break;
    case Key::traits:
      if (value.type == MmdbType::map) {
        reader_.each_entry(value, [&](std::string_view inner, const MmdbValue& field) {
          if (inner != "traits") {
            take(inner, field);
          }
        });
      }
      break;
  }
}

// 13335, or "AS13335".
void RecordReader::take_asn(const MmdbValue& value) noexcept {
  std::uint64_t number = reader_.number(value);
  std::string_view digits = text(value, {});
  if (digits.starts_with("AS")) {
    digits.remove_prefix(2);
  }
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  record_.asn = number <= UINT32_MAX ? static_cast<std::uint32_t>(number) : 0;
}

// The first is the largest: a state, a Land, a région.
void RecordReader::take_subdivisions(const MmdbValue& value) noexcept {
  std::size_t first = value.content;
  MmdbValue subdivision;
  if (value.type != MmdbType::array || value.size == 0 || !reader_.read(first, subdivision) ||
      subdivision.type != MmdbType::map) {
    return;
  }
  record_.region_code = text(subdivision, "iso_code");
  record_.region = name(subdivision);
}

std::string_view RecordReader::text(const MmdbValue& value, std::string_view entry) noexcept {
  const MmdbValue found = value.type == MmdbType::map && !entry.empty() ? entry_of(value, entry) : value;
  const std::string_view text = reader_.text(found);
  return text.size() <= kMaxText ? text : std::string_view{};
}

std::string_view RecordReader::name(const MmdbValue& value) noexcept {
  const MmdbValue names = entry_of(value, "names");
  return names.type == MmdbType::map ? text(names, "en") : std::string_view{};
}

MmdbValue RecordReader::entry_of(const MmdbValue& map, std::string_view wanted) noexcept {
  MmdbValue found;
  reader_.each_entry(map, [&](std::string_view key, const MmdbValue& value) {
    if (key == wanted) {
      found = value;
    }
  });
  return found;
}

// The first of these that is known.
template <typename... Text>
void take_first(std::string_view& field, Text... texts) noexcept {
  for (const std::string_view text : {std::string_view(texts)...}) {
    if (field.empty()) {
      field = text;
    }
  }
}

}  // namespace

std::uint8_t known_fields(const Place& place) noexcept {
  const auto bit = [](bool known, PlaceField field) { return known ? field : 0; };
  return static_cast<std::uint8_t>(bit(!place.country.empty(), kPlaceCountry) |
                                   bit(!place.continent.empty(), kPlaceContinent) |
                                   bit(!place.region.empty(), kPlaceRegion) | bit(!place.city.empty(), kPlaceCity) |
                                   bit(!place.isp.empty(), kPlaceIsp) |
                                   bit(!place.connection.empty(), kPlaceConnection) | bit(place.asn != 0, kPlaceAsn));
}

void read_place(std::span<const std::uint8_t> data, std::size_t offset, Place& place) noexcept {
  RecordReader reader(data);
  reader.read(offset);
  const Record& record = reader.record();
  take_first(place.country, record.country);
  take_first(place.continent, record.continent, find_country(record.country).continent);
  take_first(place.region, record.region_code, record.region);
  take_first(place.city, record.city);
  take_first(place.isp, record.isp, record.network, record.organisation);
  take_first(place.connection, record.connection);
  if (place.asn == 0) {
    place.asn = record.asn;
  }
}

}  // namespace tributary
