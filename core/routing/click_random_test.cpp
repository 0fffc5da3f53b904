#include "core/routing/click_random.h"

#include <array>

#include "core/base/cmocka.h"

namespace tributary {
namespace {

constexpr ClickIdentity kClick{1, 2};

void the_same_click_has_the_same_numbers(void**) {
  ClickRandom live(kClick, "signed");
  ClickRandom replayed(kClick, "signed");
  for (int i = 0; i < 100; ++i) {
    assert_int_equal(live.next(), replayed.next());
  }
}

void another_signature_and_another_identity_have_others(void**) {
  const ClickIdentity other{1, 3};
  ClickRandom first(kClick, "signed");
  ClickRandom signature(kClick, "signee");
  ClickRandom identity(other, "");
  ClickRandom unsigned_one(kClick, "");
  const std::uint64_t numbers[] = {first.next(), signature.next(), identity.next(), unsigned_one.next()};
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < i; ++j) {
      assert_int_not_equal(numbers[i], numbers[j]);
    }
  }
}

// Each click draws once, as clicks do: the first numbers of ids in a row must be spread as evenly as those of one
// generator. Chi-square of 64 cells; 63 degrees of freedom exceed 120 less than once in 50,000 times.
void first_numbers_of_clicks_in_a_row_are_even(void**) {
  constexpr std::size_t kCells = 64;
  constexpr std::uint64_t kClicks = 64'000;
  std::array<std::uint64_t, kCells> cells{};
  for (std::uint64_t n = 0; n < kClicks; ++n) {
    const ClickIdentity id = pack_click_id({1'795'219'200'000 + n / 7, 1, 2, static_cast<std::uint32_t>(n % 7), 3, 0});
    ++cells[ClickRandom(id, "").next() >> 58];
  }
  const double expected = static_cast<double>(kClicks) / kCells;
  double chi_square = 0;
  for (const std::uint64_t count : cells) {
    const double off = static_cast<double>(count) - expected;
    chi_square += off * off / expected;
  }
  assert_true(chi_square < 120);
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(the_same_click_has_the_same_numbers),
      cmocka_unit_test(another_signature_and_another_identity_have_others),
      cmocka_unit_test(first_numbers_of_clicks_in_a_row_are_even),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
