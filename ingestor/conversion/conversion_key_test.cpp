#include "ingestor/conversion/conversion_key.h"

#include "core/base/cmocka.h"

using namespace tributary;
using namespace tributary::ingest;

namespace {

Postback call(std::uint32_t network, std::string_view transaction, ConversionStatus status) {
  Postback postback;
  postback.network = network;
  postback.transaction = transaction;
  postback.status = status;
  postback.click = {1, 2};
  return postback;
}

// proves: A72
void one_transaction_of_a_network_is_one_conversion(void**) {
  assert_true(conversion_key(call(1, "t", ConversionStatus::lead)) ==
              conversion_key(call(1, "t", ConversionStatus::sale)));
  assert_true(conversion_key(call(1, "t", ConversionStatus::lead)) !=
              conversion_key(call(2, "t", ConversionStatus::lead)));
}

void a_rebill_adds_to_its_sale(void**) {
  assert_true(conversion_key(call(1, "t", ConversionStatus::sale)) !=
              conversion_key(call(1, "t", ConversionStatus::rebill)));
}

void without_a_transaction_the_click_and_event_decide(void**) {
  Postback first = call(1, "", ConversionStatus::sale);
  Postback second = first;
  assert_true(conversion_key(first) == conversion_key(second));
  second.event = "deposit";
  assert_true(conversion_key(first) != conversion_key(second));
}

void nothing_to_tell_by_is_no_key(void**) {
  Postback postback = call(1, "", ConversionStatus::sale);
  postback.click = {};
  assert_false(conversion_key(postback).has_value());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(one_transaction_of_a_network_is_one_conversion),
      cmocka_unit_test(a_rebill_adds_to_its_sale),
      cmocka_unit_test(without_a_transaction_the_click_and_event_decide),
      cmocka_unit_test(nothing_to_tell_by_is_no_key),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
