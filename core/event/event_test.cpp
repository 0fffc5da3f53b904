#include "core/event/event.h"

#include <string>
#include <vector>

#include "core/base/cmocka.h"
#include "core/base/random.h"
#include "core/event/sample_events.h"

using namespace tributary;
using namespace tributary::samples;

namespace {

template <typename Payload>
std::string encoded(const Payload& payload) {
  std::string out(max_event_size(kHeader, payload), '\0');
  out.resize(encode_event(kHeader, payload, out.data()));
  return out;
}

Event decoded(std::string_view bytes) {
  auto result = decode_event(bytes);
  assert_true(result.ok());
  return *result;
}

EventError error_of(std::string_view bytes) {
  const auto result = decode_event(bytes);
  assert_false(result.ok());
  return result.error();
}

void a_full_click_comes_back(void**) {
  const Click click = full_click();
  const std::string bytes = encoded(click);
  const Event event = decoded(bytes);
  assert_true(event.header == kHeader);
  assert_true(std::get<Click>(event.payload) == click);
}

void a_full_trafficback_comes_back(void**) {
  const Trafficback trafficback = full_trafficback();
  const std::string bytes = encoded(trafficback);
  assert_true(std::get<Trafficback>(decoded(bytes).payload) == trafficback);
}

void a_full_postback_comes_back(void**) {
  const Postback postback = full_postback();
  const std::string bytes = encoded(postback);
  assert_true(std::get<Postback>(decoded(bytes).payload) == postback);
}

void a_full_customer_event_comes_back(void**) {
  const CustomerEvent event = full_customer_event();
  const std::string bytes = encoded(event);
  assert_true(std::get<CustomerEvent>(decoded(bytes).payload) == event);
}

void a_full_lander_click_comes_back(void**) {
  const LanderClick lander_click = full_lander_click();
  const std::string bytes = encoded(lander_click);
  assert_true(std::get<LanderClick>(decoded(bytes).payload) == lander_click);
}

void empty_payloads_keep_their_type(void**) {
  const std::string click = encoded(Click{});
  const std::string postback = encoded(Postback{});
  assert_true(std::get<Click>(decoded(click).payload) == Click{});
  assert_true(std::get<Postback>(decoded(postback).payload) == Postback{});
}

void a_place_that_was_looked_for_in_vain_differs_from_one_that_was_not(void**) {
  Click click;
  const std::string not_looked = encoded(click);
  assert_false(std::get<Click>(decoded(not_looked).payload).visit.place.has_value());
  click.visit.place.emplace();
  const std::string nothing_found = encoded(click);
  assert_true(std::get<Click>(decoded(nothing_found).payload).visit.place == Place{});
}

void any_bytes_are_kept_as_text(void**) {
  Click click;
  const std::string every_byte = [] {
    std::string text;
    for (int byte = 0; byte < 256; ++byte) {
      text += static_cast<char>(byte);
    }
    return text;
  }();
  click.visit.user_agent = every_byte;
  const std::string bytes = encoded(click);
  assert_text(std::get<Click>(decoded(bytes).payload).visit.user_agent, every_byte);
}

void extreme_numbers_come_back(void**) {
  Click click;
  click.tracking.cost_micros = INT64_MIN;
  click.number = UINT64_MAX;
  click.id = {UINT64_MAX, UINT64_MAX};
  Postback postback;
  postback.payout_micros = INT64_MAX;
  postback.revenue_micros = -1;
  const std::string click_bytes = encoded(click);
  const std::string postback_bytes = encoded(postback);
  assert_true(std::get<Click>(decoded(click_bytes).payload) == click);
  assert_true(std::get<Postback>(decoded(postback_bytes).payload) == postback);
}

void no_more_is_written_than_there_was_room_for(void**) {
  constexpr char kGuard = '\x7e';
  const EventHeader largest{UINT64_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT64_MAX};
  const Postback postback = full_postback();
  for (const char filling : {'\0', '\xff'}) {
    std::vector<char> out(max_event_size(largest, postback), filling);
    out.push_back(kGuard);
    const std::size_t size = encode_event(largest, postback, out.data());
    assert_int_equal(out.back(), kGuard);
    assert_true(size < out.size());
    out.resize(size);
    const auto event = decode_event(out);
    assert_true(event.ok() && event->header == largest && std::get<Postback>(event->payload) == postback);
  }
}

// The length of a message takes one byte up to 127, two up to 16383: wherever it was guessed wrong, the message moves.
void messages_of_any_length_come_back(void**) {
  for (const std::size_t length : {0, 1, 100, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 16370, 16383, 16400}) {
    const std::string text(length, 'x');
    Click click;
    click.visit.query = text;
    click.visit.place.emplace().city = text;
    click.tracking.utm_term = text;
    click.tracking.sub_ids = {text, {}, text};
    const std::string click_bytes = encoded(click);
    assert_true(std::get<Click>(decoded(click_bytes).payload) == click);
    Postback postback;
    postback.custom[kCustomFieldCount - 1] = text;
    const std::string postback_bytes = encoded(postback);
    assert_true(std::get<Postback>(decoded(postback_bytes).payload) == postback);
  }
}

void unknown_fields_are_skipped(void**) {
  const Click click = full_click();
  const std::string bytes = encoded(click);
  const std::string number_field = "\x98\x06\x2a";  // field 99, varint
  const std::string fixed_field =
      "\xa1\x06"
      "12345678";  // field 100, fixed64
  const std::string text_field =
      "\xaa\x06\x03"
      "abc";  // field 101, text
  const std::string longer = number_field + text_field + bytes + fixed_field;
  assert_true(std::get<Click>(decoded(longer).payload) == click);
}

void a_known_number_of_another_type_is_skipped(void**) {
  const std::string bytes = encoded(full_click());
  const std::string edge_as_text = std::string("\x12\x01") + "x";  // field 2 is a varint
  assert_int_equal(decoded(bytes + edge_as_text).header.edge, kHeader.edge);
}

void a_payload_of_a_newer_writer_is_named(void**) {
  const std::string state_change("\x08\x05\x82\x01\x00", 5);  // time_us = 5, state_change = {}
  const std::string far_future("\xa2\x06\x01x", 4);           // field 100
  const std::string bytes[] = {state_change, far_future};
  assert_int_equal(std::get<UnknownEvent>(decoded(bytes[0]).payload).field, 16);
  assert_int_equal(std::get<UnknownEvent>(decoded(bytes[1]).payload).field, 100);
}

void nothing_and_headers_without_payload_are_errors(void**) {
  assert_int_equal(error_of(""), EventError::empty);
  assert_int_equal(error_of("\x08\x05"), EventError::no_payload);
}

void every_truncation_is_noticed(void**) {
  const std::string bytes = encoded(full_click());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const auto result = decode_event(std::string_view(bytes).substr(0, length));
    assert_false(result.ok());
  }
}

void too_many_fields_are_refused(void**) {
  std::string bytes;
  for (int i = 0; i < 5000; ++i) {
    bytes += "\x10\x01";
  }
  assert_int_equal(error_of(bytes), EventError::too_many_fields);
}

void sub_ids_outside_the_slots_are_dropped(void**) {
  // click { tracking { sub_ids { index: 0 | 31, value: "x" } } }
  for (const char index : {'\x00', '\x1f'}) {
    const std::string sub_id{'\x52', '\x05', '\x08', index, '\x12', '\x01', 'x'};
    const std::string tracking = std::string("\x1a\x07") + sub_id;
    const std::string bytes = std::string("\x52\x09") + tracking;
    const Event event = decoded(bytes);
    for (const std::string_view value : std::get<Click>(event.payload).tracking.sub_ids) {
      assert_text(value, "");
    }
  }
}

void damaged_bytes_never_lead_outside_the_record(void**) {
  const std::string good = encoded(full_postback());
  SplitMix64 random{7};
  for (int round = 0; round < 50'000; ++round) {
    std::vector<char> bytes(good.begin(), good.end());  // on the heap, so that the sanitizer sees its ends
    for (int flips = 0; flips < 4; ++flips) {
      bytes[random.below(bytes.size())] ^= static_cast<char>(1 << random.below(8));
    }
    const auto result = decode_event(bytes);
    if (result.ok()) {
      if (const auto* postback = std::get_if<Postback>(&result->payload)) {
        assert_true(postback->body.empty() ||
                    (postback->body.data() >= bytes.data() && &postback->body.back() <= &bytes.back()));
      }
    }
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_full_click_comes_back),
      cmocka_unit_test(a_full_trafficback_comes_back),
      cmocka_unit_test(a_full_postback_comes_back),
      cmocka_unit_test(a_full_lander_click_comes_back),
      cmocka_unit_test(a_full_customer_event_comes_back),
      cmocka_unit_test(empty_payloads_keep_their_type),
      cmocka_unit_test(a_place_that_was_looked_for_in_vain_differs_from_one_that_was_not),
      cmocka_unit_test(any_bytes_are_kept_as_text),
      cmocka_unit_test(extreme_numbers_come_back),
      cmocka_unit_test(no_more_is_written_than_there_was_room_for),
      cmocka_unit_test(messages_of_any_length_come_back),
      cmocka_unit_test(unknown_fields_are_skipped),
      cmocka_unit_test(a_known_number_of_another_type_is_skipped),
      cmocka_unit_test(a_payload_of_a_newer_writer_is_named),
      cmocka_unit_test(nothing_and_headers_without_payload_are_errors),
      cmocka_unit_test(every_truncation_is_noticed),
      cmocka_unit_test(too_many_fields_are_refused),
      cmocka_unit_test(sub_ids_outside_the_slots_are_dropped),
      cmocka_unit_test(damaged_bytes_never_lead_outside_the_record),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
