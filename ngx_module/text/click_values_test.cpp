#include "ngx_module/text/click_values.h"

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

struct Values {
  ClickValues::Ids ids{"id32", 7, 8, 9, 0};
  Visit visit;
  Tracking tracking;
  ClickValues values{ids, visit, tracking, "192.0.2.1", 1'700'000'000'123};
};

void macros_take_their_values_from_the_click(void**) {
  Values v;
  v.tracking.sub_ids[0] = "first";
  v.tracking.sub_ids[29] = "last";
  v.tracking.cost_micros = 1'500'000;
  v.visit.user_agent = "agent";
  assert_text(v.values.value(Macro::click_id), "id32");
  assert_text(v.values.value(Macro::campaign_id), "7");
  assert_text(v.values.value(Macro::destination_id), "9");
  assert_text(v.values.value(Macro::sub_id_1), "first");
  assert_text(v.values.value(Macro::sub_id_30), "last");
  assert_text(v.values.value(Macro::cost), "1.5");
  assert_text(v.values.value(Macro::ip), "192.0.2.1");
  assert_text(v.values.value(Macro::user_agent), "agent");
  assert_text(v.values.value(Macro::time_s), "1700000000");
}

void what_a_click_does_not_have_is_empty(void**) {
  Values v;
  assert_text(v.values.value(Macro::source_id), "");
  assert_text(v.values.value(Macro::cost), "");
  assert_text(v.values.value(Macro::sub_id_1), "");
  assert_text(v.values.value(Macro::keyword), "");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(macros_take_their_values_from_the_click),
      cmocka_unit_test(what_a_click_does_not_have_is_empty),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
