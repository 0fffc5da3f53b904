#include "ingestor/conversion/conversion_key.h"

#include "core/base/cmocka.h"

using namespace tributary;
using namespace tributary::ingest;

namespace {

constexpr RowIdentity kFirst{1, 16};
constexpr RowIdentity kSecond{1, 32};

auto key(const Postback& postback, DuplicatePolicy policy = DuplicatePolicy::update,
         const RowIdentity& identity = kFirst) {
  return conversion_key(postback, policy, identity);
}

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
  assert_true(key(call(1, "t", ConversionStatus::lead)) == key(call(1, "t", ConversionStatus::sale)));
  assert_true(key(call(1, "t", ConversionStatus::lead)) != key(call(2, "t", ConversionStatus::lead)));
}

void a_rebill_adds_to_its_sale(void**) {
  assert_true(key(call(1, "t", ConversionStatus::sale)) != key(call(1, "t", ConversionStatus::rebill)));
}

void without_a_transaction_the_click_and_event_decide(void**) {
  Postback first = call(1, "", ConversionStatus::sale);
  Postback second = first;
  assert_true(key(first) == key(second));
  second.event = "deposit";
  assert_true(key(first) != key(second));
}

void nothing_to_tell_by_is_no_key(void**) {
  Postback postback = call(1, "", ConversionStatus::sale);
  postback.click = {};
  assert_false(key(postback).has_value());
}

void where_each_call_counts_it_has_a_key_of_its_own(void**) {
  const auto sale = call(1, "t", ConversionStatus::sale);
  for (const auto policy : {DuplicatePolicy::count, DuplicatePolicy::count_labelled}) {
    assert_true(key(sale, policy, kFirst) != key(sale, policy, kSecond));
    assert_true(key(sale, policy, kFirst) == key(sale, policy, kFirst));
  }
}

void ignored_is_the_second_of_a_click_or_of_a_transaction(void**) {
  const auto first = call(1, "t1", ConversionStatus::sale);
  const auto second = call(1, "t2", ConversionStatus::sale);
  assert_true(key(first, DuplicatePolicy::ignore) == key(second, DuplicatePolicy::ignore));
  assert_true(key(first, DuplicatePolicy::ignore_same_transaction) !=
              key(second, DuplicatePolicy::ignore_same_transaction));
}

void amounts_of_two_currencies_are_two_sums(void**) {
  auto dollars = call(1, "t", ConversionStatus::sale);
  auto euros = dollars;
  dollars.currency = "USD";
  euros.currency = "EUR";
  assert_true(key(dollars, DuplicatePolicy::add_amounts) != key(euros, DuplicatePolicy::add_amounts));
}

void a_rebill_and_an_upsell_are_never_duplicates(void**) {
  const auto sale = call(1, "t1", ConversionStatus::sale);
  auto upsell = sale;
  upsell.event = "upsell";
  for (const auto policy : {DuplicatePolicy::update, DuplicatePolicy::ignore, DuplicatePolicy::ignore_same_transaction,
                            DuplicatePolicy::count, DuplicatePolicy::add_amounts}) {
    assert_true(key(sale, policy) != key(call(1, "t1", ConversionStatus::rebill), policy));
    assert_true(key(call(1, "t1", ConversionStatus::rebill), policy) !=
                key(call(1, "t2", ConversionStatus::rebill), policy));
    assert_true(key(sale, policy) != key(upsell, policy));
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(one_transaction_of_a_network_is_one_conversion),
      cmocka_unit_test(a_rebill_adds_to_its_sale),
      cmocka_unit_test(without_a_transaction_the_click_and_event_decide),
      cmocka_unit_test(nothing_to_tell_by_is_no_key),
      cmocka_unit_test(where_each_call_counts_it_has_a_key_of_its_own),
      cmocka_unit_test(ignored_is_the_second_of_a_click_or_of_a_transaction),
      cmocka_unit_test(amounts_of_two_currencies_are_two_sums),
      cmocka_unit_test(a_rebill_and_an_upsell_are_never_duplicates),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
