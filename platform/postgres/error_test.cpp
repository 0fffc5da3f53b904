#include "platform/postgres/error.h"

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

void a_server_that_is_away_or_stopping_is_a_connection_failure(void**) {
  assert_true(classify_sqlstate("") == PostgresFailure::connection);
  assert_true(classify_sqlstate("08006") == PostgresFailure::connection);
  assert_true(classify_sqlstate("57P01") == PostgresFailure::connection);
}

void what_passes_by_itself_is_transient(void**) {
  for (const char* state : {"40P01", "53300", "53100", "57P03", "25006"}) {
    assert_true(classify_sqlstate(state) == PostgresFailure::transient);
  }
}

void values_and_constraints_are_data(void**) {
  assert_true(classify_sqlstate("22021") == PostgresFailure::data);
  assert_true(classify_sqlstate("23505") == PostgresFailure::data);
  assert_false(PostgresError("22003", "out of range").retryable());
}

void a_missing_column_is_the_statement(void**) {
  assert_true(classify_sqlstate("42703") == PostgresFailure::statement);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_server_that_is_away_or_stopping_is_a_connection_failure),
      cmocka_unit_test(what_passes_by_itself_is_transient),
      cmocka_unit_test(values_and_constraints_are_data),
      cmocka_unit_test(a_missing_column_is_the_statement),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
