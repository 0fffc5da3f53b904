#include "core/postback/call_signature.h"

#include <dlfcn.h>
#include <sodium.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "core/base/cmocka.h"
#include "core/postback/caller_trust.h"
#include "schema/snapshot_generated.h"

// proves: A62

// In front of libsodium's: counts how often secrets are compared, and that it is always the whole of them.
namespace {
std::vector<std::size_t> g_compared;
}

extern "C" int sodium_memcmp(const void* a, const void* b, std::size_t length) {
  g_compared.push_back(length);
  using Compare = int (*)(const void*, const void*, std::size_t);
  static const auto real = reinterpret_cast<Compare>(dlsym(RTLD_NEXT, "sodium_memcmp"));
  return real(a, b, length);
}

using namespace tributary;

namespace {

constexpr std::uint64_t kNow = 1'790'000'000'000;
constexpr std::string_view kBody = R"({"event":"purchase","order_id":"A-1001","amount":"49.90","currency":"USD"})";
constexpr const char* kSecret = "adv_secret_0123456789abcdef";

struct Rules {
  fbs::SignatureScheme scheme = fbs::SignatureScheme::Query;
  fbs::SignatureHash hash = fbs::SignatureHash::Sha256;
  std::string carrier = "sig";
  std::vector<std::string> parameters{};
  std::string time{};
  std::vector<std::pair<std::string, std::uint64_t>> secrets{{kSecret, 0}};
};

class Network {
 public:
  explicit Network(const Rules& rules) {
    std::vector<flatbuffers::Offset<fbs::SignatureSecret>> secrets;
    for (const auto& [text, end] : rules.secrets) {
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
      secrets.push_back(fbs::CreateSignatureSecret(out_, out_.CreateVector(bytes, text.size()), end));
    }
    const auto signing = out_.CreateVector(secrets);
    const auto carrier = out_.CreateString(rules.carrier);
    const auto parameters = out_.CreateVectorOfStrings(rules.parameters);
    const auto time = out_.CreateString(rules.time);
    const auto signature = fbs::CreateCallSignature(out_, rules.scheme, rules.hash, carrier, parameters, time, 300);
    std::vector<flatbuffers::Offset<fbs::Secret>> tokens;
    for (const char* token : {"first secret", "second secret"}) {
      const SecretDigest digest = secret_digest(token);
      tokens.push_back(fbs::CreateSecret(out_, out_.CreateVector(digest.data(), digest.size())));
    }
    const auto token_list = out_.CreateVector(tokens);
    const auto key = out_.CreateString("n");
    const fbs::Uuid team{1, 2};
    fbs::NetworkBuilder network(out_);
    network.add_team(&team);
    network.add_key(key);
    network.add_auth(fbs::PostbackAuth::Hmac);
    network.add_secrets(token_list);
    network.add_signature(signature);
    network.add_signature_secrets(signing);
    out_.Finish(network.Finish());
  }
  const fbs::Network& operator*() const { return *flatbuffers::GetRoot<fbs::Network>(out_.GetBufferPointer()); }

 private:
  flatbuffers::FlatBufferBuilder out_;
};

std::vector<QueryParameter> split(std::string_view query) {
  std::vector<QueryParameter> parameters(kMaxQueryParameters);
  bool truncated = false;
  parameters.resize(parse_query(query, parameters, truncated));
  return parameters;
}

std::optional<SignatureDigest> check_query(const Rules& rules, std::string_view query, std::string_view form = {},
                                           std::uint64_t now_ms = kNow) {
  auto parameters = split(query);
  const std::size_t in_query = parameters.size();
  for (const auto& parameter : split(form)) parameters.push_back(parameter);
  return check_call_signature(*Network(rules), {.parameters = parameters, .query_count = in_query, .body = form},
                              now_ms);
}

std::optional<SignatureDigest> check_header(const Rules& rules, std::string_view body, std::string_view header,
                                            std::uint64_t now_ms = kNow, std::string_view id = {},
                                            std::string_view time = {}) {
  return check_call_signature(*Network(rules), {.body = body, .header = header, .webhook_id = id, .webhook_time = time},
                              now_ms);
}

void a_timed_body_is_known_by_its_vector(void**) {
  const Rules rules{.scheme = fbs::SignatureScheme::TimedBody, .carrier = "x-signature"};
  const std::string good = "t=1790000000,v1=41f8d4c530ac7894f367d25394b5a317e6c1c4b8a122115c928d29ef28e54671";
  assert_true(check_header(rules, kBody, good).has_value());
  assert_true(check_header(rules, kBody, good, kNow + 300'000).has_value());
  assert_true(check_header(rules, kBody, good, kNow - 300'000).has_value());
  assert_false(check_header(rules, kBody, good, kNow + 301'000).has_value());
  assert_false(check_header(rules, kBody, good, kNow - 301'000).has_value());
  assert_false(check_header(rules, "{}", good).has_value());
  assert_false(check_header(rules, kBody, "").has_value());
}

void a_body_is_known_by_the_vectors_of_shopify_and_github(void**) {
  Rules rules{.scheme = fbs::SignatureScheme::Body, .carrier = "x-shopify-hmac-sha256"};
  assert_true(check_header(rules, kBody, "sOthkB9di00QNSKD/X0suaJTU3gzUrFonLcs2C9sRFM=").has_value());
  assert_false(check_header(rules, kBody, "sOthkB9di00QNSKD/X0suaJTU3gzUrFonLcs2C9sRFN=").has_value());
  rules.secrets = {{"It's a Secret to Everybody", 0}};
  const std::string github = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
  assert_true(check_header(rules, "Hello, World!", github).has_value());
  assert_true(check_header(rules, "Hello, World!", github.substr(7)).has_value());
  assert_false(check_header(rules, "Hello, World?", github).has_value());
}

void a_standard_webhook_is_known_by_its_vector(void**) {
  const Rules rules{.scheme = fbs::SignatureScheme::Webhook,
                    .carrier = "webhook-signature",
                    .secrets = {{"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", 0}}};
  const std::string good = "v1,Xac+qJ3VDL4WWMrcG3xOpHekl/oD096TZR8DyizkpSY=";
  const auto check = [&](const std::string& header, const char* id = "msg_test_1", const char* time = "1790000000",
                         std::uint64_t now_ms = kNow) {
    return check_header(rules, kBody, header, now_ms, id, time).has_value();
  };
  assert_true(check(good));
  assert_true(check("v1a,other v1,AAAA " + good));
  assert_false(check(good, "msg_test_2"));
  assert_false(check(good, "msg_test_1", "1790000001"));
  assert_false(check(good, "msg_test_1", "1790000000", kNow + 301'000));
  assert_false(check(good.substr(3)));
}

void a_webhook_that_is_sent_again_is_the_same_call(void**) {
  const Rules rules{.scheme = fbs::SignatureScheme::Webhook, .secrets = {{kSecret, 0}}};
  const auto sent = [&](const char* id, const char* time) {
    const std::string message = std::string(id) + "." + time + "." + std::string(kBody);
    std::array<unsigned char, 32> mac{};
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(kSecret), std::strlen(kSecret));
    crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(message.data()), message.size());
    crypto_auth_hmacsha256_final(&state, mac.data());
    std::array<char, 45> base64{};
    sodium_bin2base64(base64.data(), base64.size(), mac.data(), mac.size(), sodium_base64_VARIANT_ORIGINAL);
    return check_header(rules, kBody, std::string("v1,") + base64.data(), kNow, id, time);
  };
  const auto first = sent("msg_1", "1790000000");
  assert_true(first.has_value());
  assert_true(first == sent("msg_1", "1790000120"));
  assert_true(sent("msg_2", "1790000000").has_value());
  assert_true(first != sent("msg_2", "1790000000"));
}

// openssl dgst -sha256 -hmac over "click_id=abc&payout=1%2C5&tid=7"
constexpr const char* kQueryDigest = "2504d2a131c9771f73c801e03a8d1f8863ba7ab04f45b0d4fea23ccc13f81ea1";

void all_pairs_of_a_query_are_signed_in_the_order_of_their_names(void**) {
  const Rules rules;
  const std::string signature = std::string("&sig=") + kQueryDigest;
  const auto sent = check_query(rules, "tid=7&click_id=abc&payout=1%2C5" + signature);
  assert_true(sent.has_value());
  assert_true(sent == check_query(rules, "sig=" + std::string(kQueryDigest) + "&payout=1%2C5&click_id=abc&tid=7"));
  assert_false(check_query(rules, "tid=7&click_id=abc&payout=1%2C6" + signature).has_value());
  assert_false(check_query(rules, "tid=7&click_id=abc&payout=1%2C5&status=sale" + signature).has_value());
  assert_false(check_query(rules, "tid=7&click_id=abc&payout=1%2C5").has_value());
  assert_false(check_query(rules, "tid=7&click_id=abc&payout=1%2C5" + signature + signature).has_value());
}

void what_a_signature_does_not_cover_is_not_read(void**) {
  const Rules rules;
  auto parameters = split("tid=7&click_id=abc&payout=1%2C5");
  parameters.push_back({"status", "rejected"});
  assert_int_equal(keep_signed(*Network(rules), parameters, 3), 3);
  const Rules listed{.parameters = {"click_id", "TID"}};
  assert_int_equal(keep_signed(*Network(listed), parameters, 3), 2);
  assert_true(parameters[0].name == "tid" && parameters[1].name == "click_id");
  const Rules body{.scheme = fbs::SignatureScheme::Body};
  auto mixed = split("payout=100&click_id=abc");
  assert_int_equal(keep_signed(*Network(body), mixed, 1), 1);
  assert_true(mixed[0].name == "click_id");
}

void values_and_a_shared_word_make_the_plain_hash_that_some_networks_send(void**) {
  // printf %s abc1.5swordfish | md5sum, | sha1sum
  Rules rules{.scheme = fbs::SignatureScheme::Fields,
              .hash = fbs::SignatureHash::Md5,
              .parameters = {"click_id", "payout"},
              .secrets = {{"swordfish", 0}}};
  assert_true(check_query(rules, "payout=1%2e5&click_id=abc&sig=c8198aa8695521749698003dcbedfa47").has_value());
  assert_true(check_query(rules, "click_id=abc", "payout=1.5&sig=c8198aa8695521749698003dcbedfa47").has_value());
  assert_false(check_query(rules, "payout=1.5&click_id=abd&sig=c8198aa8695521749698003dcbedfa47").has_value());
  assert_false(check_query(rules, "payout=1.5&Payout=2&click_id=abc&sig=c8198aa8695521749698003dcbedfa47").has_value());
  rules.hash = fbs::SignatureHash::Sha1;
  assert_true(check_query(rules, "payout=1.5&click_id=abc&sig=QUiEQ4jrPJO+6vncJO+V+pLY6iY%3D").has_value());
  assert_true(check_query(rules, "payout=1.5&click_id=abc&sig=QUiEQ4jrPJO-6vncJO-V-pLY6iY").has_value());
}

void values_that_are_the_same_only_in_one_piece_are_two_calls(void**) {
  // printf %s 10015.00swordfish | md5sum
  const Rules rules{.scheme = fbs::SignatureScheme::Fields,
                    .hash = fbs::SignatureHash::Md5,
                    .parameters = {"tid", "payout"},
                    .secrets = {{"swordfish", 0}}};
  const std::string signature = "&sig=5d7ec5cd2bf18d251517e5be37352a56";
  const auto first = check_query(rules, "tid=100&payout=15.00" + signature);
  const auto second = check_query(rules, "tid=1001&payout=5.00" + signature);
  assert_true(first.has_value() && second.has_value());
  assert_true(first != second);
  assert_true(first == check_query(rules, "payout=15.00&other=1&tid=100" + signature));
}

void the_time_of_a_call_may_be_one_of_its_parameters(void**) {
  // openssl dgst -sha1 -hmac over "tid=7&ts=1790000000"
  const Rules rules{.hash = fbs::SignatureHash::Sha1, .parameters = {"tid", "ts"}, .time = "ts"};
  const std::string query = "ts=1790000000&tid=7&sig=f13009987bada1524bc55d10e04464c9ea72a2d7";
  assert_true(check_query(rules, query, {}, kNow + 300'999).has_value());
  assert_false(check_query(rules, query, {}, kNow + 301'000).has_value());
  assert_false(check_query(rules, query, {}, kNow - 301'000).has_value());
  assert_false(check_query(rules, "tid=7&sig=f13009987bada1524bc55d10e04464c9ea72a2d7").has_value());
}

void any_secret_that_has_not_ended_may_sign(void**) {
  Rules rules{.scheme = fbs::SignatureScheme::Body,
              .secrets = {{"another secret", 0}, {"It's a Secret to Everybody", kNow}}};
  const std::string header = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
  assert_true(check_header(rules, "Hello, World!", header, kNow - 1).has_value());
  assert_false(check_header(rules, "Hello, World!", header, kNow).has_value());
  rules.secrets.clear();
  assert_false(check_header(rules, "Hello, World!", header, kNow - 1).has_value());
}

void the_key_of_an_api_has_the_published_digest(void**) {
  const SecretDigest digest = secret_digest("trk_live_" + std::string(32, 'A'));
  std::array<char, 65> hex;
  sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
  assert_string_equal(hex.data(), "10b0cf0f271dd0734a6f769bcc5843811124f9c44c7f6401d5c0a09f40ecafe4");
}

// However much of it is right, all of every secret is compared: in libsodium's routine, whose time does not depend on
// what it compares.
void a_wrong_secret_takes_the_same_way_however_much_of_it_is_right(void**) {
  const Network network(Rules{});
  const SecretDigest right = secret_digest("second secret");
  for (std::size_t same = 0; same <= right.size(); ++same) {
    SecretDigest given = right;
    for (std::size_t i = same; i < given.size(); ++i) given[i] ^= 1;
    g_compared.clear();
    assert_int_equal(has_secret(*network, given), same == right.size());
    assert_true((g_compared == std::vector<std::size_t>{32, 32}));
  }
}

void a_wrong_signature_takes_the_same_way_however_much_of_it_is_right(void**) {
  const Rules rules{.scheme = fbs::SignatureScheme::Body,
                    .secrets = {{"It's a Secret to Everybody", 0}, {"another secret", 0}}};
  const std::string right = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
  for (std::size_t same = 0; same <= right.size(); ++same) {
    std::string given = right;
    for (std::size_t i = same; i < given.size(); ++i) given[i] = given[i] == '0' ? '1' : '0';
    g_compared.clear();
    assert_int_equal(check_header(rules, "Hello, World!", given).has_value(), same == right.size());
    assert_true((g_compared == std::vector<std::size_t>{32, 32}));
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_timed_body_is_known_by_its_vector),
      cmocka_unit_test(a_body_is_known_by_the_vectors_of_shopify_and_github),
      cmocka_unit_test(a_standard_webhook_is_known_by_its_vector),
      cmocka_unit_test(a_webhook_that_is_sent_again_is_the_same_call),
      cmocka_unit_test(all_pairs_of_a_query_are_signed_in_the_order_of_their_names),
      cmocka_unit_test(what_a_signature_does_not_cover_is_not_read),
      cmocka_unit_test(values_and_a_shared_word_make_the_plain_hash_that_some_networks_send),
      cmocka_unit_test(values_that_are_the_same_only_in_one_piece_are_two_calls),
      cmocka_unit_test(the_time_of_a_call_may_be_one_of_its_parameters),
      cmocka_unit_test(any_secret_that_has_not_ended_may_sign),
      cmocka_unit_test(the_key_of_an_api_has_the_published_digest),
      cmocka_unit_test(a_wrong_secret_takes_the_same_way_however_much_of_it_is_right),
      cmocka_unit_test(a_wrong_signature_takes_the_same_way_however_much_of_it_is_right),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
