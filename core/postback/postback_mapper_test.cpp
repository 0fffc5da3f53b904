#include "core/postback/postback_mapper.h"

#include <string>
#include <vector>

#include "core/base/cmocka.h"
#include "core/postback/field.h"
#include "core/request/click_call.h"
#include "schema/snapshot_generated.h"

using namespace tributary;

namespace {

constexpr std::uint64_t kNow = 1'790'000'000'000;
constexpr std::uint64_t kDay = 86'400'000;

ClickIdKey key() {
  ClickIdKey key;
  key.id = 1;
  key.secret.fill(0x5a);
  return key;
}

ClickIdKeyring keys() {
  ClickIdKeyring ring;
  ring.add(key());
  return ring;
}

std::string click_id(std::uint64_t time_ms = kNow - 1000) {
  std::string text(kClickIdLength, '\0');
  format_click_id(pack_click_id({time_ms, 1, 1, 1, 77, 1}), key(),
                  std::span<char, kClickIdLength>(text.data(), text.size()));
  return text;
}

struct Mapping {
  PostbackField field;
  std::vector<std::string> names;
  std::string constant;
};

struct NetworkModel {
  std::vector<Mapping> parameters;
  std::vector<std::pair<std::string, ConversionStatus>> statuses;
  ConversionStatus default_status = ConversionStatus::sale;
  std::string currency;
  std::uint32_t click_window_s = 0;
};

// A call to a network: what map_postback makes of `query` (in which $ID stands for a good click id).
class Call {
 public:
  explicit Call(std::string query, const NetworkModel& model = {}) : query_(std::move(query)) {
    if (const std::size_t at = query_.find("$ID"); at != std::string::npos) {
      query_.replace(at, 3, click_id());
    }
    build(model);
    std::array<QueryParameter, kMaxQueryParameters> parameters;
    bool truncated = false;
    const std::size_t count = parse_query(query_, parameters, truncated);
    map({parameters.data(), count});
  }
  Call(std::vector<QueryParameter> parameters, const NetworkModel& model) {
    build(model);
    map(parameters);
  }

  const Postback& operator*() const { return postback_; }
  const Postback* operator->() const { return &postback_; }
  const fbs::Network& network() const { return *flatbuffers::GetRoot<fbs::Network>(builder_.GetBufferPointer()); }

 private:
  void build(const NetworkModel& model) {
    std::vector<flatbuffers::Offset<fbs::ParameterMapping>> mappings;
    for (const Mapping& mapping : model.parameters) {
      const auto names = builder_.CreateVectorOfStrings(mapping.names);
      const auto constant = builder_.CreateString(mapping.constant);
      mappings.push_back(
          fbs::CreateParameterMapping(builder_, static_cast<std::uint16_t>(mapping.field), names, constant));
    }
    std::vector<flatbuffers::Offset<fbs::StatusMapping>> statuses;
    for (const auto& [word, status] : model.statuses) {
      statuses.push_back(
          fbs::CreateStatusMapping(builder_, builder_.CreateString(word), static_cast<std::uint8_t>(status)));
    }
    const fbs::Uuid team{1, 2};
    const auto network_key = builder_.CreateString("n");
    const auto currency = builder_.CreateString(model.currency);
    const auto parameters = builder_.CreateVector(mappings);
    const auto words = builder_.CreateVector(statuses);
    fbs::NetworkBuilder network{builder_};
    network.add_team(&team);
    network.add_key(network_key);
    network.add_parameters(parameters);
    network.add_statuses(words);
    network.add_default_status(static_cast<std::uint8_t>(model.default_status));
    network.add_currency(currency);
    network.add_click_window_s(model.click_window_s);
    builder_.Finish(network.Finish());
  }

  void map(std::span<const QueryParameter> parameters) {
    memory_.resize(4096);
    Arena arena{memory_};
    postback_ = map_postback(parameters, network(), keys(), kNow, arena);
  }

  std::string query_;
  flatbuffers::FlatBufferBuilder builder_;
  std::vector<char> memory_;
  Postback postback_;
};

#define assert_verdict(call, expected) assert_text(postback_verdict_name((call)->verdict), expected)

// proves: A58 A61
void a_plain_call_is_a_sale(void**) {
  const Call call{"clickid=$ID&payout=12.50&currency=usd&txid=T-1&status=approved"};
  assert_verdict(call, "accepted");
  assert_true(call->click == pack_click_id({kNow - 1000, 1, 1, 1, 77, 1}));
  assert_text(call->click_text, click_id());
  assert_int_equal(call->payout_micros, 12'500'000);
  assert_true(call->payout_given);
  assert_false(call->revenue_given);
  assert_text(call->currency, "USD");
  assert_text(call->transaction, "T-1");
  assert_int_equal(call->status, ConversionStatus::sale);
  assert_text(call->raw_status, "approved");
}

// proves: A61
void the_names_of_every_tracker_are_understood(void**) {
  struct Case {
    const char* query;
    const char* transaction;
    const char* event;
  };
  for (const Case& c : {Case{"subid=$ID&tid=7&payout=1.5&status=sale", "7", ""},       // Keitaro
                        Case{"cid=$ID&txid=7&payout=1.5&et=dep", "7", "dep"},          // Voluum
                        Case{"cnv_id=$ID&payout=1.5&cnv_status=approved", "", ""},     // Binom
                        Case{"clickid=$ID&sum=1.5&type=reg", "", "reg"},               // RedTrack
                        Case{"cid=$ID&payout=1.5&txid=7&cet=x", "7", "x"},             // BeMob
                        Case{"clickid=$ID&sum=1.5&action_id=7&goal=g", "7", "g"},      // Affise
                        Case{"CLICK_ID=$ID&Amount=1.5&Transaction_ID=7", "7", ""}}) {  // any case
    const Call call{c.query};
    assert_verdict(call, "accepted");
    assert_int_equal(call->payout_micros, 1'500'000);
    assert_text(call->transaction, c.transaction);
    assert_text(call->event, c.event);
  }
}

void the_networks_own_names_come_first(void**) {
  NetworkModel model;
  model.parameters = {{PostbackField::click_id, {"tid", "s2"}, ""},
                      {PostbackField::transaction, {"leadid"}, ""},
                      {custom_field(3), {"color"}, ""}};
  const Call call{"tid=$ID&leadid=L1&txid=other&color=red", model};
  assert_verdict(call, "accepted");
  assert_text(call->transaction, "L1");
  assert_text(call->custom[2], "red");
}

void a_name_used_by_the_mapping_is_no_alias_for_another_field(void**) {
  NetworkModel model;
  model.parameters = {{PostbackField::click_id, {"tid"}, ""}};
  const Call call{"tid=$ID", model};
  assert_verdict(call, "accepted");
  assert_text(call->transaction, "");
}

void a_constant_fills_in_for_an_absent_parameter(void**) {
  NetworkModel model;
  model.parameters = {{PostbackField::event, {"ev"}, "install"}, {PostbackField::payout, {}, "0.75"}};
  const Call absent{"clickid=$ID", model};
  const Call present{"clickid=$ID&ev=deposit&payout=2", model};
  assert_text(absent->event, "install");
  assert_int_equal(absent->payout_micros, 750'000);
  assert_text(present->event, "deposit");
  assert_int_equal(present->payout_micros, 2'000'000);
}

void the_first_of_repeated_parameters_wins(void**) {
  const Call call{"clickid=$ID&payout=1&payout=2&sum=3"};
  assert_int_equal(call->payout_micros, 1'000'000);
}

// proves: A61
void status_words_follow_the_network_then_the_call_then_common_use(void**) {
  NetworkModel model;
  model.statuses = {
      {"1", ConversionStatus::sale}, {"2", ConversionStatus::lead}, {"pending", ConversionStatus::custom}};
  assert_int_equal(Call("clickid=$ID&status=2", model)->status, ConversionStatus::lead);
  assert_int_equal(Call("clickid=$ID&status=PENDING", model)->status, ConversionStatus::custom);
  assert_int_equal(Call("clickid=$ID&status=ok&sale_status=yes,%20OK", model)->status, ConversionStatus::sale);
  assert_int_equal(Call("clickid=$ID&status=Hold", model)->status, ConversionStatus::lead);
  assert_int_equal(Call("clickid=$ID&status=trash", model)->status, ConversionStatus::trash);
  assert_int_equal(Call("clickid=$ID&status=rebill", model)->status, ConversionStatus::rebill);
  assert_int_equal(Call("clickid=$ID", model)->status, ConversionStatus::sale);
}

void unknown_status_words_are_kept_and_never_guessed(void**) {
  for (const char* word : {"weird", "1", "5"}) {
    const Call call{std::string("clickid=$ID&status=") + word};
    assert_verdict(call, "unknown_status");
    assert_int_equal(call->status, ConversionStatus::unmapped);
    assert_text(call->raw_status, word);
    assert_false(call->click.empty());
  }
}

void clicks_that_cannot_be_trusted_are_told_apart(void**) {
  std::string forged = click_id();
  forged[31] = forged[31] == '0' ? '1' : '0';
  assert_verdict(Call("payout=1"), "missing_click");
  assert_verdict(Call("clickid=&payout=1"), "missing_click");
  assert_verdict(Call("clickid=" + forged), "forged_click");
  assert_verdict(Call("clickid=" + click_id().substr(0, 31)), "malformed_click");
  assert_verdict(Call("clickid=123"), "malformed_click");
  assert_true(Call("clickid=" + forged)->click.empty());
}

void a_click_outside_the_window_is_expired_but_known(void**) {
  NetworkModel model;
  model.click_window_s = 86'400;
  assert_verdict(Call("clickid=" + click_id(kNow - kDay), model), "accepted");
  const Call late{"clickid=" + click_id(kNow - kDay - 1), model};
  assert_verdict(late, "expired_click");
  assert_false(late->click.empty());
}

void click_ids_are_found_in_any_case_and_with_spaces_around(void**) {
  std::string upper = click_id();
  for (char& c : upper) {
    c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  }
  assert_verdict(Call("clickid=" + upper), "accepted");
  assert_verdict(Call("clickid=+" + click_id() + "%0D%0A"), "accepted");
}

void unexpanded_macros_are_recognised_in_every_style(void**) {
  for (const char* macro : {"{subacc4}", "{{x}}", "{$click_id}", "${SUBID}", "[clickid]", "[[c1]]", "[[[subid]]]",
                            "__CLICKID__", "##SUB_ID_SHORT(action)##", "#s2#", "@@CLICK-ID@@", "!!!clickRef!!!",
                            "xxc1xx", "%TRANSACTION_ID%", "%%MACRO%%", "%7Bclick_id%7D"}) {
    const Call call{std::string("clickid=") + macro};
    assert_verdict(call, "unexpanded_macro");
    assert_true(call->click.empty());
  }
  assert_verdict(Call("clickid=$ID&status={status}"), "unexpanded_macro");
  assert_verdict(Call("clickid=$ID&payout=[payout]"), "unexpanded_macro");
}

void an_unexpanded_macro_gives_way_to_a_real_value(void**) {
  const Call call{"clickid={clickid}&subid=$ID&txid={txid}&currency=%7Bcurrency%7D&payout=1"};
  assert_verdict(call, "accepted");
  assert_text(call->transaction, "");
  assert_text(call->currency, "");
}

void money_is_exact_or_refused(void**) {
  assert_int_equal(Call("clickid=$ID&payout=12,34")->payout_micros, 12'340'000);
  assert_true(Call("clickid=$ID&payout=0")->payout_given);
  assert_int_equal(Call("clickid=$ID&revenue=99.999999&cost=.5")->revenue_micros, 99'999'999);
  for (const char* amount : {"$5", "1e3", "1.2.3", "1,234", "-1", "five", "0.0000001", "1000000000000000000"}) {
    const Call call{std::string("clickid=$ID&payout=") + amount};
    assert_verdict(call, "bad_money");
    assert_int_equal(call->payout_micros, 0);
    assert_false(call->payout_given);
  }
}

void a_refund_may_carry_a_minus_sign(void**) {
  const Call call{"clickid=$ID&status=refund&payout=-5"};
  assert_verdict(call, "accepted");
  assert_int_equal(call->payout_micros, 5'000'000);
}

void the_networks_currency_is_used_when_the_call_names_none(void**) {
  NetworkModel model;
  model.currency = "EUR";
  assert_text(Call("clickid=$ID&payout=1", model)->currency, "EUR");
  assert_text(Call("clickid=$ID&payout=1&currency=gbp", model)->currency, "GBP");
  assert_text(Call("clickid=$ID&payout=1&currency=usd+", model)->currency, "USD");
  for (const char* currency : {"XXX", "BTC", "US", "DOLLAR", "12"}) {
    assert_verdict(Call(std::string("clickid=$ID&payout=1&currency=") + currency, model), "bad_currency");
  }
}

void a_currency_eaten_by_html_is_restored(void**) {
  const Call call{"clickid=$ID&amount=10%C2%A4cy=USD"};
  assert_verdict(call, "accepted");
  assert_int_equal(call->payout_micros, 10'000'000);
  assert_text(call->currency, "USD");
}

void values_already_decoded_are_taken_as_they_are(void**) {
  const std::string id = click_id();
  const Call call{{{"clickid", id, true}, {"txid", "50%25+x", true}}, {}};
  assert_verdict(call, "accepted");
  assert_text(call->transaction, "50%25+x");
}

void overlong_values_are_cut(void**) {
  const Call call{"clickid=$ID&txid=t&custom_1=" + std::string(2000, 'x')};
  assert_verdict(call, "accepted");
  assert_int_equal(call->custom[0].size(), 512);
}

void what_tells_conversions_apart_is_never_cut_or_repaired(void**) {
  assert_verdict(Call{"clickid=$ID&txid=" + std::string(512, 'x')}, "accepted");
  assert_verdict(Call{"clickid=$ID&txid=" + std::string(513, 'x')}, "bad_identifier");
  assert_verdict(Call{"clickid=$ID&txid=%ff%fe"}, "bad_identifier");
  assert_verdict(Call{"clickid=$ID&txid=a%00b"}, "bad_identifier");
  assert_verdict(Call{"clickid=$ID&txid=t&event=%c3"}, "bad_identifier");
}

void the_same_call_has_the_same_fingerprint_and_any_change_another(void**) {
  const auto of = [](const char* query) { return transaction_fingerprint(*Call(query)); };
  const std::uint64_t base = of("clickid=$ID&txid=T&payout=1&status=lead&currency=USD");
  assert_true(base == of("status=lead&txid=T&payout=1.00&clickid=$ID&currency=usd"));
  for (const char* changed :
       {"clickid=$ID&txid=U&payout=1&status=lead&currency=USD", "clickid=$ID&txid=T&payout=2&status=lead&currency=USD",
        "clickid=$ID&txid=T&payout=1&status=sale&currency=USD", "clickid=$ID&txid=T&payout=1&status=lead&currency=EUR",
        "clickid=$ID&txid=T&payout=1&status=lead&currency=USD&event=x",
        "clickid=$ID&txid=T&revenue=1&status=lead&currency=USD", "clickid=$ID&payout=1&status=lead"}) {
    assert_true(base != of(changed));
  }
  Postback other = *Call("clickid=$ID&txid=T&payout=1&status=lead&currency=USD");
  other.network = 9;
  assert_true(base != transaction_fingerprint(other));
}

void every_verdict_has_a_code_and_a_hint(void**) {
  for (const int number : {1, 2, 3, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73}) {
    const VerdictText text = verdict_text(static_cast<PostbackVerdict>(number));
    assert_true(text.code != "unknown");
    assert_true(text.message.size() > 10 && text.message != verdict_text(PostbackVerdict::unknown).message);
  }
}

// Its views live until the next one.
Postback affiliate_call(const Call& call, std::string text) {
  static std::string query;
  query = std::move(text);
  std::array<QueryParameter, kMaxQueryParameters> parameters;
  bool truncated = false;
  const std::size_t count = parse_query(query, parameters, truncated);
  static std::array<char, 8192> memory;
  Arena arena{memory};
  Postback postback = map_affiliate_postback({parameters.data(), count}, call.network(), keys(), kNow, arena);
  postback.affiliate = 1;
  return postback;
}

// proves: B16 E15
void an_affiliate_may_name_the_click_by_an_id_of_its_own(void**) {
  NetworkModel model;
  model.parameters = {{PostbackField::revenue, {"amount"}, ""}};
  const Call call{"", model};
  const Postback named = affiliate_call(call, "affiliate_id=1&click_id=abc123&amount=100&currency=USD");
  assert_verdict(&named, "accepted");
  assert_true(named.click.empty() && names_external_click(named));
  assert_text(named.click_text, "abc123");
  assert_true(named.revenue_given && !named.payout_given && named.revenue_micros == 100'000'000);

  const Postback ours = affiliate_call(call, "affiliate_id=1&click_id=" + click_id());
  assert_true(!ours.click.empty() && !names_external_click(ours));
  const std::string longest(kMaxCallerClickId, 'x');
  const Postback long_id = affiliate_call(call, "click_id=" + longest);
  assert_verdict(&long_id, "accepted");
  assert_text(long_id.click_text, longest);
  for (const std::string& query : {"click_id=" + longest + "x", std::string("click_id=%ff")}) {
    const Postback refused = affiliate_call(call, query);
    assert_verdict(&refused, "malformed_click");
    assert_false(names_external_click(refused));
  }
}

void field_names_lead_back_to_fields(void**) {
  for (const char* name : {"click_id", "transaction", "status", "payout", "revenue", "cost", "currency", "event",
                           "custom_1", "custom_20"}) {
    assert_text(postback_field_name(find_postback_field(name)), name);
  }
  assert_int_equal(find_postback_field("custom_21"), PostbackField::none);
  assert_int_equal(find_postback_field("Payout"), PostbackField::none);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_plain_call_is_a_sale),
      cmocka_unit_test(the_names_of_every_tracker_are_understood),
      cmocka_unit_test(the_networks_own_names_come_first),
      cmocka_unit_test(a_name_used_by_the_mapping_is_no_alias_for_another_field),
      cmocka_unit_test(a_constant_fills_in_for_an_absent_parameter),
      cmocka_unit_test(the_first_of_repeated_parameters_wins),
      cmocka_unit_test(status_words_follow_the_network_then_the_call_then_common_use),
      cmocka_unit_test(unknown_status_words_are_kept_and_never_guessed),
      cmocka_unit_test(clicks_that_cannot_be_trusted_are_told_apart),
      cmocka_unit_test(a_click_outside_the_window_is_expired_but_known),
      cmocka_unit_test(click_ids_are_found_in_any_case_and_with_spaces_around),
      cmocka_unit_test(unexpanded_macros_are_recognised_in_every_style),
      cmocka_unit_test(an_unexpanded_macro_gives_way_to_a_real_value),
      cmocka_unit_test(money_is_exact_or_refused),
      cmocka_unit_test(a_refund_may_carry_a_minus_sign),
      cmocka_unit_test(the_networks_currency_is_used_when_the_call_names_none),
      cmocka_unit_test(a_currency_eaten_by_html_is_restored),
      cmocka_unit_test(values_already_decoded_are_taken_as_they_are),
      cmocka_unit_test(overlong_values_are_cut),
      cmocka_unit_test(what_tells_conversions_apart_is_never_cut_or_repaired),
      cmocka_unit_test(the_same_call_has_the_same_fingerprint_and_any_change_another),
      cmocka_unit_test(every_verdict_has_a_code_and_a_hint),
      cmocka_unit_test(an_affiliate_may_name_the_click_by_an_id_of_its_own),
      cmocka_unit_test(field_names_lead_back_to_fields),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
