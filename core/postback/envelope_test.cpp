#include "core/postback/envelope.h"

#include <string>
#include <vector>

#include "core/base/cmocka.h"
#include "core/request/json_body.h"
#include "schema/snapshot_generated.h"

// proves: A61 A70

using namespace tributary;

namespace {

constexpr std::uint64_t kNow = 1'790'000'000'000;
constexpr std::string_view kNotification =
    R"({"notification":"mQHeGPlDZJh9iABayh3ku9h0gyTg2T/U4v9O3gXpz477BppOkJL90B+Pwa62QdQg","iv":"AAECAwQFBgcICQoLDA0ODw=="})";

class Network {
 public:
  explicit Network(fbs::Envelope envelope, const std::vector<std::pair<std::string, std::uint64_t>>& secrets = {}) {
    std::vector<flatbuffers::Offset<fbs::SignatureSecret>> written;
    for (const auto& [text, end] : secrets) {
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
      written.push_back(fbs::CreateSignatureSecret(out_, out_.CreateVector(bytes, text.size()), end));
    }
    const auto list = out_.CreateVector(written);
    const auto key = out_.CreateString("n");
    const fbs::Uuid team{1, 2};
    fbs::NetworkBuilder network(out_);
    network.add_team(&team);
    network.add_key(key);
    network.add_signature_secrets(list);
    network.add_envelope(envelope);
    out_.Finish(network.Finish());
  }
  const fbs::Network& operator*() const { return *flatbuffers::GetRoot<fbs::Network>(out_.GetBufferPointer()); }

 private:
  flatbuffers::FlatBufferBuilder out_;
};

std::string read(std::string_view json) {
  std::vector<char> memory(json.size());
  Arena arena{memory};
  std::array<QueryParameter, 32> out;
  const auto count = parse_flat_json(json, out, arena, JsonNesting::skipped);
  assert_true(count.ok());
  std::string text;
  for (const QueryParameter& parameter : std::span(out).first(*count)) {
    text += (text.empty() ? "" : "|") + std::string(parameter.name) + "=" + std::string(parameter.value);
  }
  return text;
}

void the_published_notification_is_opened(void**) {
  const Network network(fbs::Envelope::ClickbankIns, {{"MYSECRETKEY", 0}});
  const auto text = open_envelope(*network, kNotification, kNow);
  assert_true(text == R"({"transactionType":"TEST","receipt":"ABCD1234"})");
}

void any_secret_that_has_not_ended_opens_a_notification(void**) {
  const Network old(fbs::Envelope::ClickbankIns, {{"ANEWSECRET", 0}, {"MYSECRETKEY", kNow + 1}});
  assert_true(open_envelope(*old, kNotification, kNow).has_value());
  assert_false(open_envelope(*old, kNotification, kNow + 1).has_value());
}

void what_is_no_notification_is_not_opened(void**) {
  const Network network(fbs::Envelope::ClickbankIns, {{"MYSECRETKEY", 0}});
  const std::string good(kNotification);
  const auto with = [&](std::string_view from, std::string_view to) {
    return std::string(good).replace(good.find(from), from.size(), to);
  };
  for (const std::string& body :
       {std::string(), std::string("{}"), std::string(R"({"notification":""})"), std::string("notification=x&iv=y"),
        with("QdQg", "QdQh"), with("mQHe", "mQ"), with("Dw==", ""), with("Dw==", "DxA="),
        with("\"iv\"", "\"notification\""), with("mQHe", "mQ!e")}) {
    assert_false(open_envelope(*network, body, kNow).has_value());
  }
  assert_false(open_envelope(*Network(fbs::Envelope::ClickbankIns), good, kNow).has_value());
}

void a_push_of_awin_is_a_form_field(void**) {
  const Network network(fbs::Envelope::Awin);
  const auto text = open_envelope(
      *network, "AwinTransactionPush=%7B%22clickRef%22%3A%22a+b%22%2C%22products%22%3A%5B%5D%7D&x=1", kNow);
  assert_true(text == R"({"clickRef":"a b","products":[]})");
  assert_false(open_envelope(*network, "clickRef=a", kNow).has_value());
}

void of_what_is_nested_only_the_first_value_of_a_list_is_read(void**) {
  assert_string_equal(
      read(R"({"a":["x","y"],"b":{"a":"z","c":[1]},"d":[],"e":[{"f":1},2],"g":[["h"],3],"i":1.50})").c_str(),
      "a=x|i=1.50");
  assert_string_equal(read(R"({"trackingCodes":["tid"],"lineItems":[{"productTitle":"P"}],"receipt":"R"})").c_str(),
                      "trackingCodes=tid|receipt=R");
}

void nesting_has_an_end(void**) {
  const std::string bomb = R"({"a":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  std::vector<char> memory(bomb.size());
  Arena arena{memory};
  std::array<QueryParameter, 4> out;
  assert_false(parse_flat_json(bomb, out, arena, JsonNesting::skipped).ok());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(the_published_notification_is_opened),
      cmocka_unit_test(any_secret_that_has_not_ended_opens_a_notification),
      cmocka_unit_test(what_is_no_notification_is_not_opened),
      cmocka_unit_test(a_push_of_awin_is_a_form_field),
      cmocka_unit_test(of_what_is_nested_only_the_first_value_of_a_list_is_read),
      cmocka_unit_test(nesting_has_an_end),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
