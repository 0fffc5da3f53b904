#include "core/money/money.h"

#include <string>

#include "core/base/cmocka.h"
#include "core/base/random.h"

using namespace tributary;

namespace {

std::int64_t amount(std::string_view text) {
  const auto result = parse_money(text);
  assert_true(result.ok());
  return *result;
}

void expect_error(std::string_view text, MoneyError error) {
  const auto result = parse_money(text);
  assert_false(result.ok());
  assert_true(result.error() == error);
}

std::string formatted(std::int64_t micros) {
  std::array<char, 32> out;
  return std::string(format_money(micros, out));
}

void plain_decimals_are_exact(void**) {
  assert_int_equal(amount("12"), 12'000'000);
  assert_int_equal(amount("12.5"), 12'500'000);
  assert_int_equal(amount("0.000001"), 1);
  assert_int_equal(amount("-0.000001"), -1);
  assert_int_equal(amount(".5"), 500'000);
  assert_int_equal(amount("007.10"), 7'100'000);
  assert_int_equal(amount("-0"), 0);
  assert_int_equal(amount("0.1") + amount("0.2"), amount("0.3"));
}

void a_comma_is_a_decimal_sign_where_it_cannot_be_grouping(void**) {
  assert_int_equal(amount("12,5"), 12'500'000);
  assert_int_equal(amount("1234,56"), 1'234'560'000);
  assert_int_equal(amount("0,125"), 125'000);
  assert_int_equal(amount("1234,567"), 1'234'567'000);
  expect_error("1,234", MoneyError::malformed);
  expect_error("123,456", MoneyError::malformed);
  expect_error("1,234.56", MoneyError::malformed);
  expect_error("1.234,56", MoneyError::malformed);
  expect_error("1,234,567", MoneyError::malformed);
  expect_error(",5", MoneyError::malformed);
}

void what_is_not_a_number_is_refused(void**) {
  for (const char* text :
       {"-",  ".",  ",",  "5.",    "+5",  "1e3", "1E400",        "NaN",   "Infinity", "-Infinity", "0x10",
        "5 ", " 5", "$5", "5 USD", "--5", "5-",  "\xef\xbc\x95", "1_000", "1 000",    "five"}) {
    expect_error(text, MoneyError::malformed);
  }
  expect_error("", MoneyError::empty);
  expect_error(std::string_view("5\0", 2), MoneyError::malformed);
}

void digits_beyond_six_decimals_must_be_zero(void**) {
  assert_int_equal(amount("1.0000000000000000000"), 1'000'000);
  assert_int_equal(amount("1.123456000"), 1'123'456);
  expect_error("1.1234567", MoneyError::too_precise);
  expect_error("1.0000000000000000001", MoneyError::too_precise);
}

void amounts_are_bounded(void**) {
  assert_int_equal(amount("1000000000000"), kMaxMoneyMicros);
  assert_int_equal(amount("-1000000000000.000000"), -kMaxMoneyMicros);
  assert_int_equal(amount(std::string(100, '0') + "1"), 1'000'000);
  expect_error("1000000000000.000001", MoneyError::too_large);
  expect_error("9999999999999", MoneyError::too_large);  // overflows when counted in millionths
  expect_error("1000000000000000000", MoneyError::too_large);
  expect_error(std::string(1000, '9'), MoneyError::too_large);
}

void formatting_is_shortest_and_exact(void**) {
  assert_text(formatted(0), "0");
  assert_text(formatted(12'500'000), "12.5");
  assert_text(formatted(-1), "-0.000001");
  assert_text(formatted(1'000'000), "1");
  assert_text(formatted(INT64_MIN), "-9223372036854.775808");
}

void what_is_formatted_is_read_back(void**) {
  SplitMix64 random{5};
  for (int i = 0; i < 200'000; ++i) {
    const auto bits = random.below(60);
    const auto magnitude = static_cast<std::int64_t>((random.next() >> 4) >> bits) % kMaxMoneyMicros;
    const std::int64_t micros = random.below(2) == 0 ? magnitude : -magnitude;
    assert_int_equal(amount(formatted(micros)), micros);
  }
}

void currencies_are_known_codes_in_any_case(void**) {
  assert_text(parse_currency("usd"), "USD");
  assert_text(parse_currency("eUr"), "EUR");
  assert_text(parse_currency("XAF"), "XAF");
  for (const char* text : {"", "US", "USDT", "usd ", "XXX", "XTS", "XAU", "BTC", "123", "U\xc2\xa4"}) {
    assert_text(parse_currency(text), "");
  }
  assert_text(parse_currency(std::string(1000, 'U')), "");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(plain_decimals_are_exact),
      cmocka_unit_test(a_comma_is_a_decimal_sign_where_it_cannot_be_grouping),
      cmocka_unit_test(what_is_not_a_number_is_refused),
      cmocka_unit_test(digits_beyond_six_decimals_must_be_zero),
      cmocka_unit_test(amounts_are_bounded),
      cmocka_unit_test(formatting_is_shortest_and_exact),
      cmocka_unit_test(what_is_formatted_is_read_back),
      cmocka_unit_test(currencies_are_known_codes_in_any_case),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
