#include "core/snapshot/push.h"

#include <fstream>
#include <string>

#include "core/base/test_directory.h"
#include "core/snapshot/push_keys.h"

#include "core/base/cmocka.h"

namespace tributary {
namespace {

const PushKeyPair kKeys = generate_push_keys();
constexpr std::uint64_t kNow = 1'800'000'000;

PushEnvelope envelope() {
  PushEnvelope push;
  push.edge = "edge-1.example";
  push.generation = {3, 42};
  push.length = 123'456;
  push.sha256.fill(0xab);
  push.format = 1;
  push.expires_s = kNow + 60;
  return push;
}

Result<PushEnvelope, PushError> verify(std::string_view header, std::uint64_t now_s = kNow) {
  return verify_push(header, {&kKeys.public_key, 1}, "edge-1.example", now_s);
}

void assert_refused(const PushEnvelope& push, PushError error) {
  const auto verified = verify(sign_push(push, kKeys.secret_key));
  assert_false(verified.ok());
  assert_int_equal(verified.error(), error);
}

void a_signed_push_is_read_as_it_was_written(void**) {
  const std::string header = sign_push(envelope(), kKeys.secret_key);
  assert_true(header.size() <= kMaxPushHeader);
  const auto verified = verify(header);
  assert_true(verified.ok());
  assert_text(verified->edge, "edge-1.example");
  assert_true(verified->edge.data() >= header.data() && verified->edge.data() < header.data() + header.size());
  assert_true((verified->generation == Generation{3, 42}));
  assert_int_equal(verified->length, 123'456);
  assert_int_equal(verified->format, 1);
  assert_int_equal(verified->expires_s, kNow + 60);
  assert_true(verified->sha256 == envelope().sha256);
}

void any_of_the_configured_keys_is_accepted(void**) {
  const PushKeyPair other = generate_push_keys();
  const PushPublicKey keys[] = {other.public_key, kKeys.public_key};
  const std::string header = sign_push(envelope(), kKeys.secret_key);
  assert_true(verify_push(header, keys, "edge-1.example", kNow).ok());
  assert_int_equal(verify_push(header, {keys, 1}, "edge-1.example", kNow).error(), PushError::bad_signature);
  assert_int_equal(verify_push(header, {}, "edge-1.example", kNow).error(), PushError::bad_signature);
}

void every_changed_byte_is_noticed(void**) {
  const std::string header = sign_push(envelope(), kKeys.secret_key);
  for (std::size_t i = 0; i < header.size(); ++i) {
    for (const char flip : {1, 2, 4, 8, 16, 32, 64}) {
      std::string changed = header;
      changed[i] = static_cast<char>(changed[i] ^ flip);
      assert_false(verify(changed).ok());
    }
    assert_false(verify(header.substr(0, i)).ok());
    assert_false(verify(header.substr(0, i) + "0" + header.substr(i)).ok());
  }
}

void only_the_one_spelling_is_read(void**) {
  const std::string good = sign_push(envelope(), kKeys.secret_key);
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string changed = good;
    changed.replace(changed.find(from), from.size(), to);
    return changed;
  };
  const std::string bad[] = {" " + good,
                             good + " ",
                             good + "=",
                             with("v1", "v2"),
                             with("; ", ";"),
                             with("epoch=3", "epoch=03"),
                             with("epoch=3", "epoch=+3"),
                             with("epoch=3", "epoch=65536"),
                             with("epoch=3", "epoch="),
                             with("generation=42", "generation=0"),
                             with("generation=42", "generation=281474976710656"),
                             with("length=123456", "length=99999999999999999999999"),
                             with("length=123456", "length=-1"),
                             with("sha256=ab", "sha256=AB"),
                             with("sha256=ab", "sha256="),
                             with("edge=edge-1.example", "edge="),
                             with("edge=edge-1.example", "edge=a b"),
                             with("edge=edge-1.example", "edge=" + std::string(65, 'a')),
                             with("; epoch=3", ""),
                             "v1",
                             std::string(100'000, 'a')};
  for (const std::string& header : bad) {
    assert_int_equal(verify(header).error(), PushError::malformed);
  }
  assert_int_equal(verify("").error(), PushError::missing);
}

void an_expired_or_misdirected_push_is_refused(void**) {
  const std::string header = sign_push(envelope(), kKeys.secret_key);
  assert_true(verify(header, kNow + 60).ok());
  assert_int_equal(verify(header, kNow + 61).error(), PushError::expired);
  assert_int_equal(verify_push(header, {&kKeys.public_key, 1}, "edge-2", kNow).error(), PushError::other_edge);
}

void format_and_length_are_bounded(void**) {
  PushEnvelope push = envelope();
  push.format = 2;
  assert_refused(push, PushError::unknown_format);
  push = envelope();
  push.length = (1u << 30) + 1;
  assert_refused(push, PushError::too_large);
  push.length = 0;
  assert_refused(push, PushError::too_large);
}

PushEnvelope overlay_envelope() {
  PushEnvelope push = envelope();
  push.kind = PushKind::overlay;
  return push;
}

void an_overlay_is_told_from_a_snapshot(void**) {
  const std::string header = sign_push(overlay_envelope(), kKeys.secret_key);
  assert_true(header.starts_with("v1; kind=overlay; edge=edge-1.example; epoch=3; generation=42; "));
  assert_true(verify(header)->kind == PushKind::overlay);
  assert_text(verify(header)->edge, "edge-1.example");
  assert_true(verify(sign_push(envelope(), kKeys.secret_key))->kind == PushKind::snapshot);
}

void a_signed_push_cannot_become_one_of_the_other_kind(void**) {
  const std::string overlay = sign_push(overlay_envelope(), kKeys.secret_key);
  const std::string snapshot = sign_push(envelope(), kKeys.secret_key);
  const std::string field = "kind=overlay; ";
  assert_int_equal(verify(std::string(overlay).erase(4, field.size())).error(), PushError::bad_signature);
  assert_int_equal(verify(std::string(snapshot).insert(4, field)).error(), PushError::bad_signature);
  assert_int_equal(verify(std::string(overlay).insert(4, field)).error(), PushError::malformed);
  assert_int_equal(verify(std::string(snapshot).insert(4, "kind=snapshot; ")).error(), PushError::malformed);
}

void an_overlay_has_bounds_of_its_own(void**) {
  PushEnvelope push = overlay_envelope();
  push.length = 64u << 20;
  assert_true(verify(sign_push(push, kKeys.secret_key)).ok());
  ++push.length;
  assert_refused(push, PushError::too_large);
  push = overlay_envelope();
  push.format = 2;
  assert_refused(push, PushError::unknown_format);
}

void every_error_has_a_text_of_its_own(void**) {
  for (int i = 0; i <= static_cast<int>(PushError::too_large); ++i) {
    for (int j = 0; j < i; ++j) {
      assert_true(push_error_text(static_cast<PushError>(i)) != push_error_text(static_cast<PushError>(j)));
    }
  }
}

void keys_are_kept_in_text_files(void**) {
  const TestDirectory directory;
  const std::string path = directory.path() + "/push.key";
  std::ofstream(path) << push_key_text(kKeys.secret_key);
  assert_true(read_push_secret_key(path).value() == kKeys.secret_key);
  assert_false(read_push_public_key(path).ok());
  std::ofstream(path) << push_key_text(kKeys.public_key);
  assert_true(push_key_text(kKeys.public_key).starts_with("ed25519:"));
  assert_true(push_key_text(kKeys.public_key).ends_with("=\n"));
  assert_true(read_push_public_key(path).value() == kKeys.public_key);
  assert_true(read_push_secret_key(path).error().find("base64 of 64 bytes") != std::string::npos);
  assert_true(read_push_public_key("/nonexistent").error().starts_with("/nonexistent: "));
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_signed_push_is_read_as_it_was_written),
      cmocka_unit_test(any_of_the_configured_keys_is_accepted),
      cmocka_unit_test(every_changed_byte_is_noticed),
      cmocka_unit_test(only_the_one_spelling_is_read),
      cmocka_unit_test(an_expired_or_misdirected_push_is_refused),
      cmocka_unit_test(format_and_length_are_bounded),
      cmocka_unit_test(an_overlay_is_told_from_a_snapshot),
      cmocka_unit_test(a_signed_push_cannot_become_one_of_the_other_kind),
      cmocka_unit_test(an_overlay_has_bounds_of_its_own),
      cmocka_unit_test(every_error_has_a_text_of_its_own),
      cmocka_unit_test(keys_are_kept_in_text_files),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
