#include "core/customer_event/event_signature.h"

#include <sodium.h>

#include <string>

#include "core/base/cmocka.h"
#include "core/customer_event/event_identity.h"

// proves: C37 C76 C138

namespace tributary {
namespace {

constexpr std::string_view kSecret = "adv_secret_0123456789abcdef";
constexpr std::string_view kBody = R"({"event":"purchase","order_id":"A-1001","amount":"49.90","currency":"USD"})";
constexpr std::string_view kDigest = "41f8d4c530ac7894f367d25394b5a317e6c1c4b8a122115c928d29ef28e54671";

std::string hex(const SignatureDigest& digest) {
  std::string text(2 * digest.size() + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
  text.pop_back();
  return text;
}

void the_published_vector_is_signed_and_recognised(void**) {
  const SignatureDigest digest = sign_event(kSecret, "1790000000", kBody);
  assert_true(hex(digest) == kDigest);
  const auto signature = parse_event_signature("t=1790000000,v1=" + std::string(kDigest));
  assert_true(signature.has_value());
  assert_int_equal(signature->time_s, 1790000000);
  assert_true(has_digest(*signature, digest));
  assert_false(has_digest(*signature, sign_event(kSecret, "1790000001", kBody)));
  assert_false(has_digest(*signature, sign_event("adv_secret_0123456789abcdeg", "1790000000", kBody)));
}

void several_digests_may_stand_there_while_the_secret_is_changed(void**) {
  const std::string other(64, '0');
  const auto signature = parse_event_signature("t=1, v1=" + other + ",v0=old,v1=" + std::string(kDigest));
  assert_true(signature.has_value());
  assert_int_equal(signature->count, 2);
  assert_true(has_digest(*signature, sign_event(kSecret, "1790000000", kBody)));
}

void anything_else_is_no_signature(void**) {
  const std::string right = "v1=" + std::string(kDigest);
  const std::string many = "t=1" + [&] {
    std::string text;
    for (int i = 0; i < 6; ++i) text += "," + right;
    return text;
  }();
  const std::string wrong[] = {
      "",
      "t=1",
      right,
      "t=," + right,
      "t=1x," + right,
      "t=-1," + right,
      "t=1;" + right,
      many,
      "t=1,t=1," + right,
      "t=1,v1=" + std::string(64, 'z'),
      "t=1,v1=" + std::string(62, '0'),
      "t=1," + right + ",",
      "t=1," + right + std::string(600, ' '),
      "t=1," + right.substr(0, right.size() - 2) + ": ",
  };
  for (const std::string& header : wrong) {
    assert_false(parse_event_signature(header).has_value());
  }
}

void the_time_may_differ_to_either_side(void**) {
  EventSignature signature;
  signature.time_s = 1000;
  for (const std::uint64_t now : {700u, 1000u, 1300u}) {
    assert_true(is_fresh(signature, now, 300));
  }
  for (const std::uint64_t now : {0u, 699u, 1301u}) {
    assert_false(is_fresh(signature, now, 300));
  }
  signature.time_s = UINT64_MAX;
  assert_false(is_fresh(signature, 1000, 300));
}

void an_event_has_the_same_id_wherever_it_is_reported(void**) {
  const EventIdentity id = event_identity(1, EventNaming::event_id, "order-1");
  assert_true(id == event_identity(1, EventNaming::event_id, "order-1"));
  const EventIdentity others[] = {
      event_identity(2, EventNaming::event_id, "order-1"),
      event_identity(1, EventNaming::event_id, "order-2"),
      event_identity(1, EventNaming::idempotency_key, "order-1"),
      event_identity(1, EventNaming::event_id, "order-1", 1),
  };
  for (const EventIdentity& other : others) {
    assert_false(id == other);
  }
  char text[36];
  write_event_id({0x0123456789abcdef, 0xfedcba9876543210}, text);
  assert_true(std::string_view(text, 36) == "01234567-89ab-cdef-fedc-ba9876543210");
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(the_published_vector_is_signed_and_recognised),
      cmocka_unit_test(several_digests_may_stand_there_while_the_secret_is_changed),
      cmocka_unit_test(anything_else_is_no_signature),
      cmocka_unit_test(the_time_may_differ_to_either_side),
      cmocka_unit_test(an_event_has_the_same_id_wherever_it_is_reported),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
