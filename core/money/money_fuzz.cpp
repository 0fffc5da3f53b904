#include <array>
#include <cstdlib>

#include "core/money/money.h"

using namespace tributary;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const std::string_view currency = parse_currency(text);
  if (!currency.empty() && currency.size() != 3) {
    std::abort();
  }
  const auto micros = parse_money(text);
  if (!micros.ok()) {
    return 0;
  }
  std::array<char, 32> buffer;
  const auto again = parse_money(format_money(*micros, buffer));
  if (*micros > kMaxMoneyMicros || *micros < -kMaxMoneyMicros || !again.ok() || *again != *micros) {
    std::abort();
  }
  return 0;
}
