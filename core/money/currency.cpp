#include "core/base/word_table.h"
#include "core/money/money.h"

namespace tributary {
namespace {

struct Nothing {};

// ISO 4217, active codes of money that people hold, with those withdrawn since 2023 (postbacks about older sales still
// name them). Not in it: metals, test codes and units of account (XAU, XTS, XDR, XXX, ...).
constexpr WordEntry<Nothing> kCodes[] = {
    {"AED", {}}, {"AFN", {}}, {"ALL", {}}, {"AMD", {}}, {"ANG", {}}, {"AOA", {}}, {"ARS", {}}, {"AUD", {}}, {"AWG", {}},
    {"AZN", {}}, {"BAM", {}}, {"BBD", {}}, {"BDT", {}}, {"BGN", {}}, {"BHD", {}}, {"BIF", {}}, {"BMD", {}}, {"BND", {}},
    {"BOB", {}}, {"BOV", {}}, {"BRL", {}}, {"BSD", {}}, {"BTN", {}}, {"BWP", {}}, {"BYN", {}}, {"BZD", {}}, {"CAD", {}},
    {"CDF", {}}, {"CHE", {}}, {"CHF", {}}, {"CHW", {}}, {"CLF", {}}, {"CLP", {}}, {"CNY", {}}, {"COP", {}}, {"COU", {}},
    {"CRC", {}}, {"CUP", {}}, {"CVE", {}}, {"CZK", {}}, {"DJF", {}}, {"DKK", {}}, {"DOP", {}}, {"DZD", {}}, {"EGP", {}},
    {"ERN", {}}, {"ETB", {}}, {"EUR", {}}, {"FJD", {}}, {"FKP", {}}, {"GBP", {}}, {"GEL", {}}, {"GHS", {}}, {"GIP", {}},
    {"GMD", {}}, {"GNF", {}}, {"GTQ", {}}, {"GYD", {}}, {"HKD", {}}, {"HNL", {}}, {"HRK", {}}, {"HTG", {}}, {"HUF", {}},
    {"IDR", {}}, {"ILS", {}}, {"INR", {}}, {"IQD", {}}, {"IRR", {}}, {"ISK", {}}, {"JMD", {}}, {"JOD", {}}, {"JPY", {}},
    {"KES", {}}, {"KGS", {}}, {"KHR", {}}, {"KMF", {}}, {"KPW", {}}, {"KRW", {}}, {"KWD", {}}, {"KYD", {}}, {"KZT", {}},
    {"LAK", {}}, {"LBP", {}}, {"LKR", {}}, {"LRD", {}}, {"LSL", {}}, {"LYD", {}}, {"MAD", {}}, {"MDL", {}}, {"MGA", {}},
    {"MKD", {}}, {"MMK", {}}, {"MNT", {}}, {"MOP", {}}, {"MRU", {}}, {"MUR", {}}, {"MVR", {}}, {"MWK", {}}, {"MXN", {}},
    {"MXV", {}}, {"MYR", {}}, {"MZN", {}}, {"NAD", {}}, {"NGN", {}}, {"NIO", {}}, {"NOK", {}}, {"NPR", {}}, {"NZD", {}},
    {"OMR", {}}, {"PAB", {}}, {"PEN", {}}, {"PGK", {}}, {"PHP", {}}, {"PKR", {}}, {"PLN", {}}, {"PYG", {}}, {"QAR", {}},
    {"RON", {}}, {"RSD", {}}, {"RUB", {}}, {"RWF", {}}, {"SAR", {}}, {"SBD", {}}, {"SCR", {}}, {"SDG", {}}, {"SEK", {}},
    {"SGD", {}}, {"SHP", {}}, {"SLE", {}}, {"SLL", {}}, {"SOS", {}}, {"SRD", {}}, {"SSP", {}}, {"STN", {}}, {"SVC", {}},
    {"SYP", {}}, {"SZL", {}}, {"THB", {}}, {"TJS", {}}, {"TMT", {}}, {"TND", {}}, {"TOP", {}}, {"TRY", {}}, {"TTD", {}},
    {"TWD", {}}, {"TZS", {}}, {"UAH", {}}, {"UGX", {}}, {"USD", {}}, {"USN", {}}, {"UYI", {}}, {"UYU", {}}, {"UYW", {}},
    {"UZS", {}}, {"VED", {}}, {"VES", {}}, {"VND", {}}, {"VUV", {}}, {"WST", {}}, {"XAF", {}}, {"XCD", {}}, {"XCG", {}},
    {"XOF", {}}, {"XPF", {}}, {"YER", {}}, {"ZAR", {}}, {"ZMW", {}}, {"ZWG", {}}, {"ZWL", {}},
};
constexpr WordTable kCurrencies{kCodes};

}  // namespace

std::string_view parse_currency(std::string_view text) noexcept {
  if (text.size() != 3) {
    return {};
  }
  const auto* entry = kCurrencies.find(text);
  return entry != nullptr ? entry->word : std::string_view{};
}

}  // namespace tributary
