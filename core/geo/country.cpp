#include "core/geo/country.h"

#include <array>
#include <cstdint>

#include "core/base/ascii.h"

namespace tributary {
namespace {

struct Continent {
  std::string_view code;
  std::string_view countries;  // two letters each
};

// As GeoNames and MaxMind divide the world.
constexpr std::array<Continent, 7> kContinents = {{
    {"AF",
     "AOBFBIBJBWCDCFCGCICMCVDJDZEGEHERETGAGHGMGNGQGWKEKMLRLSLYMAMGMLMRMUMWMZNANENGRERWSCSDSHSLSNSOSSSTSZTDTGTNTZUGYT"
     "ZAZMZW"},
    {"AN", "AQBVGSHMTF"},
    {"AS", "AEAFAMAZBDBHBNBTCCCNGEHKIDILINIOIQIRJOJPKGKHKPKRKWKZLALBLKMMMNMOMVMYNPOMPHPKPSQASASGSYTHTJTMTRTWUZVNYE"},
    {"EU",
     "ADALATAXBABEBGBYCHCYCZDEDKEEESFIFOFRGBGGGIGRHRHUIEIMISITJELILTLULVMCMDMEMKMTNLNOPLPTRORSRUSESISJSKSMUAVAXK"},
    {"NA", "AGAIAWBBBLBMBQBSBZCACRCUCWDMDOGDGLGPGTHNHTJMKNKYLCMFMQMSMXNIPAPMPRSVSXTCTTUSVCVGVI"},
    {"OC", "ASAUCKCXFJFMGUKIMHMPNCNFNRNUNZPFPGPNPWSBTKTLTOTVUMVUWFWS"},
    {"SA", "ARBOBRCLCOECFKGFGYPEPYSRUYVE"},
}};

constexpr std::size_t kLetters = 26;

struct Entry {
  std::uint8_t continent = 0;  // one more than its place, 0: no country
  std::uint8_t country = 0;    // place among the countries of the continent
};

consteval auto make_table() {
  std::array<Entry, kLetters * kLetters> table{};
  for (std::size_t c = 0; c < kContinents.size(); ++c) {
    const std::string_view countries = kContinents[c].countries;
    for (std::size_t i = 0; i < countries.size() / 2; ++i) {
      const auto first = static_cast<std::size_t>(countries[2 * i] - 'A');
      const auto second = static_cast<std::size_t>(countries[2 * i + 1] - 'A');
      Entry& entry = table[first * kLetters + second];
      if (entry.continent != 0) {
        throw "a country stands twice in the table";
      }
      entry = {static_cast<std::uint8_t>(c + 1), static_cast<std::uint8_t>(i)};
    }
  }
  return table;
}

constexpr auto kTable = make_table();

}  // namespace

Country find_country(std::string_view code) noexcept {
  if (code.size() != 2 || !ascii::is_alpha(code[0]) || !ascii::is_alpha(code[1])) {
    return {};
  }
  const auto letter = [&](std::size_t i) { return static_cast<std::size_t>(ascii::to_lower(code[i]) - 'a'); };
  const Entry entry = kTable[letter(0) * kLetters + letter(1)];
  if (entry.continent == 0) {
    return {};
  }
  const Continent& continent = kContinents[entry.continent - 1u];
  return {continent.countries.substr(std::size_t{2} * entry.country, 2), continent.code};
}

std::string_view find_continent(std::string_view code) noexcept {
  for (const Continent& continent : kContinents) {
    if (ascii::equal_ignoring_case(continent.code, code)) {
      return continent.code;
    }
  }
  return {};
}

}  // namespace tributary
