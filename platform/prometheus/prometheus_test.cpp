#include "platform/prometheus/prometheus.h"

#include <cstring>

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

// proves: C69
void samples_follow_the_header_of_their_metric(void**) {
  PrometheusWriter writer;
  writer.counter("tributary_rows_total", "Rows stored.");
  writer.sample(std::uint64_t{7}, {{"table", "clicks"}});
  writer.gauge("tributary_age_seconds", "Age.");
  writer.sample(0.5);
  const std::string text = writer.take();
  assert_string_equal(text.c_str(),
                      "# HELP tributary_rows_total Rows stored.\n"
                      "# TYPE tributary_rows_total counter\n"
                      "tributary_rows_total{table=\"clicks\"} 7\n"
                      "# HELP tributary_age_seconds Age.\n"
                      "# TYPE tributary_age_seconds gauge\n"
                      "tributary_age_seconds 0.5\n");
}

void label_values_are_escaped(void**) {
  PrometheusWriter writer;
  writer.gauge("m", "h");
  writer.sample(std::uint64_t{1}, {{"a", "x\"y\\z\n"}});
  const std::string text = writer.take();
  assert_non_null(strstr(text.c_str(), "m{a=\"x\\\"y\\\\z\\n\"} 1\n"));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(samples_follow_the_header_of_their_metric),
      cmocka_unit_test(label_values_are_escaped),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
