#include "core/request/click_call.h"

#include <array>
#include <string>

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

struct Read {
  std::array<QueryParameter, 16> parameters;
  std::array<char, 4096> buffer;
  ClickCallNames call;

  explicit Read(std::string_view query) {
    bool truncated = false;
    const std::size_t n = parse_query(query, parameters, truncated);
    call = read_click_call({parameters.data(), n}, buffer);
  }
};

// proves: B15, E14
void a_complete_call_names_affiliate_campaign_and_click(void**) {
  const Read read("affiliate_id=1&campaign_id=10&click_id=abc123");
  assert_text(read.call.problem, "");
  assert_int_equal(read.call.affiliate, 1);
  assert_int_equal(read.call.campaign, 10);
  assert_text(read.call.click_id, "abc123");
}

void a_click_id_is_decoded_once(void**) {
  assert_text(Read("affiliate_id=1&campaign_id=1&click_id=a%2Bb+c%2541").call.click_id, "a+b c%41");
}

void the_first_of_several_counts(void**) {
  assert_text(Read("affiliate_id=1&campaign_id=1&click_id=a&click_id=b").call.click_id, "a");
}

void what_is_not_usable_is_named(void**) {
  const std::string ids = "affiliate_id=1&campaign_id=1&";
  const std::pair<std::string, std::string_view> cases[] = {
      {"campaign_id=1&click_id=a", "affiliate_id must be a whole number"},
      {"affiliate_id=0&campaign_id=1&click_id=a", "affiliate_id must be a whole number"},
      {"affiliate_id=-1&campaign_id=1&click_id=a", "affiliate_id must be a whole number"},
      {"affiliate_id=1.5&campaign_id=1&click_id=a", "affiliate_id must be a whole number"},
      {"affiliate_id=2147483648&campaign_id=1&click_id=a", "affiliate_id must be a whole number"},
      {"affiliate_id=99999999999999999999&campaign_id=1&click_id=a", "affiliate_id must be a whole number"},
      {"affiliate_id=1&click_id=a", "campaign_id must be a whole number"},
      {"affiliate_id=1&campaign_id=268435456&click_id=a", "campaign_id must be a whole number"},
      {ids, "click_id is missing"},
      {ids + "click_id=", "click_id must have 1 to 1024 bytes"},
      {ids + "click_id=" + std::string(1025, 'x'), "click_id must have 1 to 1024 bytes"},
      {ids + "click_id=" + std::string(9000, 'x'), "click_id must have 1 to 1024 bytes"},
      {ids + "click_id=a%00b", "click_id must be text in UTF-8 without NUL"},
      {ids + "click_id=%ff", "click_id must be text in UTF-8 without NUL"},
      {ids + "click_id={click_id}", "click_id is a macro that was not filled in"},
  };
  for (const auto& [query, problem] : cases) {
    assert_text(Read(query).call.problem, problem);
  }
  assert_text(Read(ids + "click_id=" + std::string(1024, 'x')).call.problem, "");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_complete_call_names_affiliate_campaign_and_click),
      cmocka_unit_test(a_click_id_is_decoded_once),
      cmocka_unit_test(the_first_of_several_counts),
      cmocka_unit_test(what_is_not_usable_is_named),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
