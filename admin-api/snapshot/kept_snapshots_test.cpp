#include "admin-api/snapshot/kept_snapshots.h"

#include "core/base/cmocka.h"

namespace tributary::admin {
namespace {

Compiled generation(std::uint64_t counter, std::size_t bytes = 8) {
  return {{1, counter}, 0, std::make_shared<const std::vector<std::uint8_t>>(bytes), {}, {}};
}

void the_newest_are_kept(void**) {
  KeptSnapshots kept;
  for (std::uint64_t counter = 1; counter <= KeptSnapshots::kMost + 3; ++counter) kept.add(generation(counter));
  assert_int_equal(kept.generations().size(), KeptSnapshots::kMost);
  assert_int_equal(kept.generations().front().counter, KeptSnapshots::kMost + 3);
  assert_null(kept.find({1, 3}).get());
  assert_non_null(kept.find({1, 4}).get());
  assert_null(kept.find({2, 4}).get());
}

void one_that_is_compiled_again_is_kept_once(void**) {
  KeptSnapshots kept;
  kept.add(generation(1));
  kept.add(generation(2));
  kept.add(generation(1, 16));
  assert_int_equal(kept.generations().size(), 2);
  assert_int_equal(kept.find({1, 1})->size(), 16);
}

void large_ones_make_room_for_the_newest(void**) {
  KeptSnapshots kept;
  kept.add(generation(1, KeptSnapshots::kMostBytes / 2));
  kept.add(generation(2, KeptSnapshots::kMostBytes / 2));
  assert_int_equal(kept.generations().size(), 2);
  kept.add(generation(3, KeptSnapshots::kMostBytes + 1));
  assert_int_equal(kept.generations().size(), 1);
  assert_non_null(kept.find({1, 3}).get());
}

void what_could_not_be_compiled_is_not_kept(void**) {
  KeptSnapshots kept;
  kept.add({{1, 1}, 0, nullptr, {}, {}});
  assert_int_equal(kept.generations().size(), 0);
}

}  // namespace
}  // namespace tributary::admin

int main() {
  using namespace tributary::admin;
  const CMUnitTest tests[] = {
      cmocka_unit_test(the_newest_are_kept),
      cmocka_unit_test(one_that_is_compiled_again_is_kept_once),
      cmocka_unit_test(large_ones_make_room_for_the_newest),
      cmocka_unit_test(what_could_not_be_compiled_is_not_kept),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
