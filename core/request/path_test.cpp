#include "core/request/path.h"

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

void the_prefix_of_the_location_is_cut_off(void**) {
  assert_text(path_behind("/c/summer", "/c/"), "summer");
  assert_text(path_behind("/c/summer/2", "/c"), "summer/2");
  assert_text(path_behind("/summer", "/"), "summer");
  assert_text(path_behind("/", "/"), "");
}

void a_prefix_ends_at_a_segment(void**) {
  assert_text(path_behind("/code", "/c"), "");
}

void without_a_literal_prefix_the_whole_path_counts(void**) {
  assert_text(path_behind("/summer/2", ""), "summer/2");
}

void a_path_that_was_rewritten_counts_whole(void**) {
  assert_text(path_behind("/summer/2", "/go/"), "summer/2");
}

void segments_are_taken_one_by_one(void**) {
  std::string_view path = "network/secret";
  assert_text(take_segment(path), "network");
  assert_text(take_segment(path), "secret");
  assert_text(take_segment(path), "");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(the_prefix_of_the_location_is_cut_off),
      cmocka_unit_test(a_prefix_ends_at_a_segment),
      cmocka_unit_test(without_a_literal_prefix_the_whole_path_counts),
      cmocka_unit_test(a_path_that_was_rewritten_counts_whole),
      cmocka_unit_test(segments_are_taken_one_by_one),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
