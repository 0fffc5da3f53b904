#include <algorithm>
#include <functional>
#include <vector>

#include "core/base/random.h"
#include "core/snapshot/every_lookup.h"
#include "core/snapshot/sample_snapshot.h"
#include "core/snapshot/snapshot_view.h"
#include "core/snapshot/test_build.h"

#include "core/base/cmocka.h"

// F41: whatever is done to the bytes, they are refused with a reason, or what they say stays inside them. Run it under
// the address and undefined sanitizers to make that a proof.

namespace tributary {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes sound() {
  model::Snapshot snapshot = sample_snapshot({.campaigns = 50, .networks = 5});
  add_sample_rules(snapshot);
  return testing::build(snapshot);
}

// True when refused with a reason. When accepted, everything is looked up.
bool refused(const Bytes& bytes) {
  const auto view = SnapshotView::over(bytes);
  if (view) {
    testing::every_lookup(*view.value(), *fbs::GetSnapshot(bytes.data()));
    return false;
  }
  assert_false(view.error().message.empty());
  return true;
}

void a_file_cut_at_any_thousandth_is_refused(void**) {
  const Bytes whole = sound();
  for (std::size_t i = 0; i < 1000; ++i) {
    assert_true(refused({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(whole.size() * i / 1000)}));
  }
  assert_false(refused(whole));
}

void any_flipped_byte_is_refused_or_harmless(void**) {
  const Bytes whole = sound();
  std::size_t refusals = 0;
  for (std::size_t at = 0; at < whole.size(); at += 64) {
    for (const std::uint8_t flip : {0x01, 0x80, 0xff}) {
      Bytes bytes = whole;
      bytes[at] ^= flip;
      refusals += refused(bytes);
    }
  }
  assert_true(refusals > 0);
}

void any_word_may_become_hostile(void**) {
  const Bytes whole = sound();
  for (std::size_t at = 0; at + 4 <= whole.size(); at += 4) {
    for (const std::uint32_t value : {0u, 1u, 0x7fffffffu, 0x80000000u, 0xffffffffu, 0xfffffffcu}) {
      Bytes bytes = whole;
      std::copy_n(reinterpret_cast<const std::uint8_t*>(&value), 4, bytes.begin() + static_cast<std::ptrdiff_t>(at));
      refused(bytes);
    }
  }
}

void random_damage_is_refused_or_harmless(void**) {
  const Bytes whole = sound();
  SplitMix64 random(41);
  for (int round = 0; round < 3000; ++round) {
    Bytes bytes = whole;
    for (std::uint64_t n = random.below(8); n < 8; ++n) {
      bytes[random.below(bytes.size())] = static_cast<std::uint8_t>(random.next());
    }
    refused(bytes);
  }
}

// Changes one thing in a sound file through its own structure, so that only the meaning is wrong.
struct Forgery {
  const char* name;
  std::function<void(const fbs::Snapshot&, Bytes&)> make;
  SnapshotError::Code code;
};

template <typename T>
void poke(Bytes& bytes, const void* at, T value) {
  const auto offset = static_cast<const std::uint8_t*>(at) - bytes.data();
  std::copy_n(reinterpret_cast<const std::uint8_t*>(&value), sizeof(T), bytes.begin() + offset);
}

const void* field(const void* table, flatbuffers::voffset_t number) {
  const auto* generic = static_cast<const flatbuffers::Table*>(table);
  return reinterpret_cast<const std::uint8_t*>(generic) + generic->GetOptionalFieldOffset(number);
}

const fbs::IndexSlot& used_slot(const flatbuffers::Vector<const fbs::IndexSlot*>& index) {
  std::uint32_t i = 0;
  while (index.Get(i)->ordinal() == 0) {
    ++i;
  }
  return *index.Get(i);
}

const fbs::Stream& first_stream(const fbs::Snapshot& root) {
  return *root.campaigns()->Get(0)->streams()->Get(0);
}

const fbs::Destination* first_destination(const fbs::Snapshot& root) {
  return first_stream(root).destinations()->Get(0)->destination();
}

const fbs::Condition& condition(const fbs::Snapshot& root, std::uint32_t i) {
  return *first_stream(root).conditions()->Get(i);
}

// The first part with an argument.
const fbs::TemplatePart& date_part(const fbs::Snapshot& root) {
  const auto& parts = *first_destination(root)->url()->parts();
  std::uint32_t i = 0;
  while (parts.Get(i)->macro() != static_cast<std::uint16_t>(Macro::date)) {
    ++i;
  }
  return *parts.Get(i);
}

using Code = SnapshotError::Code;
const Forgery kForgeries[] = {
    {"future format", [](auto& s, Bytes& b) { poke(b, field(&s, fbs::Snapshot::VT_FORMAT), 2u); }, Code::wrong_format},
    {"epoch", [](auto& s, Bytes& b) { poke(b, field(&s, fbs::Snapshot::VT_EPOCH), 65536u); }, Code::out_of_bounds},
    {"slot beyond the records",
     [](auto& s, Bytes& b) { poke(b, &used_slot(*s.campaign_by_id()), std::uint64_t{51} << 32); }, Code::out_of_bounds},
    {"place inside a campaign",
     [](auto& s, Bytes& b) {
       const auto& slot = used_slot(*s.campaign_by_name());
       poke(b, reinterpret_cast<const char*>(&slot) + 4, slot.ordinal() + 4);
     },
     Code::out_of_bounds},
    {"place behind the file",
     [](auto& s, Bytes& b) {
       poke(b, reinterpret_cast<const char*>(&used_slot(*s.campaign_by_name())) + 4, 0xfffffff0u);
     },
     Code::out_of_bounds},
    {"slot of another record",
     [](auto& s, Bytes& b) {
       const auto& slot = used_slot(*s.network_by_id());
       poke(b, reinterpret_cast<const char*>(&slot) + 4, slot.ordinal() % 5 + 1);
     },
     Code::out_of_bounds},
    {"slot emptied", [](auto& s, Bytes& b) { poke(b, &used_slot(*s.campaign_by_id()), std::uint64_t{0}); },
     Code::out_of_bounds},
    {"schedule", [](auto& s, Bytes& b) { poke(b, first_stream(s).schedule()->Data(), std::uint16_t{2}); },
     Code::out_of_bounds},
    {"rotation slots", [](auto& s, Bytes& b) { poke(b, field(&s, fbs::Snapshot::VT_ROTATION_SLOTS), 49u); },
     Code::out_of_bounds},
    {"selector", [](auto& s, Bytes& b) { poke(b, field(&first_stream(s), fbs::Stream::VT_SELECTOR), '\6'); },
     Code::out_of_bounds},
    {"plain without being it",
     [](auto& s, Bytes& b) {
       poke(b, field(s.campaigns()->Get(1)->streams()->Get(0), fbs::Stream::VT_SELECTOR), '\2');
     },
     Code::out_of_bounds},
    {"exploration",
     [](auto& s, Bytes& b) {
       poke(b, field(&first_stream(s), fbs::Stream::VT_EXPLORATION_PERCENT), std::uint8_t{101});
     },
     Code::out_of_bounds},
    {"status",
     [](auto& s, Bytes& b) { poke(b, field(&first_stream(s), fbs::Stream::VT_REDIRECT_STATUS), std::uint16_t{200}); },
     Code::out_of_bounds},
    {"schedule of landers",
     [](auto& s, Bytes& b) { poke(b, first_stream(s).lander_schedule()->Data(), std::uint16_t{2}); },
     Code::out_of_bounds},
    {"rotation slot of landers",
     [](auto& s, Bytes& b) { poke(b, field(&first_stream(s), fbs::Stream::VT_LANDER_ROTATION_SLOT), 51u); },
     Code::out_of_bounds},
    {"state of a lander",
     [](auto& s, Bytes& b) {
       poke(b, field(first_stream(s).landers()->Get(0)->lander(), fbs::Lander::VT_STATE), std::uint8_t{4});
     },
     Code::out_of_bounds},
    {"scheme of a lander",
     [](auto& s, Bytes& b) { poke(b, first_stream(s).landers()->Get(0)->lander()->url()->text()->data(), 'j'); },
     Code::out_of_bounds},
    {"redirect kind",
     [](auto& s, Bytes& b) { poke(b, field(&first_stream(s), fbs::Stream::VT_REDIRECT_KIND), std::uint8_t{5}); },
     Code::out_of_bounds},
    {"status of a destination",
     [](auto& s, Bytes& b) {
       poke(b, field(first_destination(s), fbs::Destination::VT_REDIRECT_STATUS), std::uint16_t{308});
     },
     Code::out_of_bounds},
    {"redirect kind of a destination",
     [](auto& s, Bytes& b) {
       poke(b, field(first_destination(s), fbs::Destination::VT_REDIRECT_KIND), std::uint8_t{5});
     },
     Code::out_of_bounds},
    {"link that its index does not find", [](auto& s, Bytes& b) { poke(b, s.links()->Get(0)->code()->data(), 'L'); },
     Code::out_of_bounds},
    {"code that ends its path", [](auto& s, Bytes& b) { poke(b, s.links()->Get(0)->code()->data(), '/'); },
     Code::out_of_bounds},
    {"state of a link", [](auto& s, Bytes& b) { poke(b, field(s.links()->Get(0), fbs::Link::VT_STATE), '\7'); },
     Code::out_of_bounds},
    {"partner that its index does not find",
     [](auto& s, Bytes& b) { poke(b, field(s.partners()->Get(0), fbs::Partner::VT_ID), 9u); }, Code::out_of_bounds},
    {"trust in a partner",
     [](auto& s, Bytes& b) {
       poke(b, field(s.partners()->Get(0)->postback(), fbs::Network::VT_AUTH), std::uint8_t{9});
     },
     Code::out_of_bounds},
    {"answer to a partner",
     [](auto& s, Bytes& b) {
       poke(b, field(s.partners()->Get(0)->postback(), fbs::Network::VT_ANSWER), std::uint8_t{9});
     },
     Code::out_of_bounds},
    {"control character in a range of addresses",
     [](auto& s, Bytes& b) { poke(b, s.partners()->Get(0)->postback()->allowed()->Get(0)->data(), '\n'); },
     Code::out_of_bounds},
    {"scheme of a next hop",
     [](auto& s, Bytes& b) { poke(b, s.campaigns()->Get(0)->next_hops()->Get(0)->data(), 'j'); }, Code::out_of_bounds},
    {"scheme of a landing", [](auto& s, Bytes& b) { poke(b, s.campaigns()->Get(0)->landing()->text()->data(), 'j'); },
     Code::out_of_bounds},
    {"unknown kind of condition",
     [](auto& s, Bytes& b) { poke(b, field(&condition(s, 0), fbs::Condition::VT_KIND), std::uint8_t{200}); },
     Code::out_of_bounds},
    {"value that its index does not find",
     [](auto& s, Bytes& b) { poke(b, condition(s, 0).values()->Get(0)->data(), 'q'); }, Code::out_of_bounds},
    {"ranges the wrong way round",
     [](auto& s, Bytes& b) { poke(b, condition(s, 4).ranges()->Data(), std::uint64_t{99'999}); }, Code::out_of_bounds},
    {"sub id 31",
     [](auto& s, Bytes& b) { poke(b, field(&condition(s, 11), fbs::Condition::VT_NUMBER), std::uint8_t{31}); },
     Code::out_of_bounds},
    {"time zone of 100 hours",
     [](auto& s, Bytes& b) { poke(b, condition(s, 7).zone()->offsets()->Data() + 8, 360'000); }, Code::out_of_bounds},
    {"turn of a cap",
     [](auto& s, Bytes& b) {
       const fbs::Stream& stream = *s.campaigns()->Get(0)->streams()->Get(0);
       poke<std::uint16_t>(b, field(stream.destinations()->Get(0)->destination()->caps()->Get(0), fbs::Cap::VT_TURN),
                           2048);
     },
     Code::out_of_bounds},
    {"sub id of a cap",
     [](auto& s, Bytes& b) {
       const fbs::Stream& stream = *s.campaigns()->Get(0)->streams()->Get(0);
       poke<std::uint8_t>(b, field(stream.destinations()->Get(0)->destination()->caps()->Get(0), fbs::Cap::VT_PER), 31);
     },
     Code::out_of_bounds},
    {"cap on payout per sub id",
     [](auto& s, Bytes& b) {
       const fbs::Stream& stream = *s.campaigns()->Get(0)->streams()->Get(0);
       poke(b, field(stream.destinations()->Get(0)->destination()->caps()->Get(0), fbs::Cap::VT_MEASURE),
            fbs::CapMeasure::Payout);
     },
     Code::out_of_bounds},
    {"slot of a cap", [](auto& s, Bytes& b) { poke(b, field(first_stream(s).caps()->Get(0), fbs::Cap::VT_SLOT), 2u); },
     Code::out_of_bounds},
    {"opening after midnight",
     [](auto& s, Bytes& b) {
       const auto* schedule = first_stream(s).destinations()->Get(0)->destination()->schedules()->Get(0);
       poke(b, field(schedule, fbs::Schedule::VT_OPENS_S), 86'400u);
     },
     Code::out_of_bounds},
    {"template part", [](auto& s, Bytes& b) { poke(b, s.trafficback()->parts()->Data() + 4, 0xffffff00u); },
     Code::out_of_bounds},
    {"macro", [](auto& s, Bytes& b) { poke(b, s.trafficback()->parts()->Data(), std::uint16_t{69}); },
     Code::out_of_bounds},
    {"argument behind the text",
     [](auto& s, Bytes& b) { poke(b, reinterpret_cast<const char*>(&date_part(s)) + 8, 0x10000u); },
     Code::out_of_bounds},
    {"date without a format",
     [](auto& s, Bytes& b) { poke(b, reinterpret_cast<const char*>(&date_part(s)) + 2, std::uint16_t{0}); },
     Code::out_of_bounds},
    {"second zone of one",
     [](auto& s, Bytes& b) { poke(b, reinterpret_cast<const char*>(&date_part(s)) + 2, std::uint16_t{0x0208}); },
     Code::out_of_bounds},
    {"source that names a click id",
     [](auto& s, Bytes& b) {
       const auto* name = s.campaigns()->Get(0)->source_names()->names()->Get(0);
       poke(b, field(name, fbs::SourceName::VT_FIELD), std::uint16_t{1});
     },
     Code::out_of_bounds},
    {"names of a source in disorder",
     [](auto& s, Bytes& b) { poke(b, s.campaigns()->Get(0)->source_names()->names()->Get(0)->name()->data(), '~'); },
     Code::out_of_bounds},
    {"control character in the currency of a source",
     [](auto& s, Bytes& b) { poke(b, s.campaigns()->Get(0)->source_names()->currency()->data(), '\n'); },
     Code::out_of_bounds},
    {"rotation without an id",
     [](auto& s, Bytes& b) { poke(b, field(s.rotations()->Get(0), fbs::Rotation::VT_ID), 0u); }, Code::out_of_bounds},
    {"stream of a rotation with a destination that does not exist",
     [](auto& s, Bytes& b) { poke(b, s.rotations()->Get(0)->streams()->Get(0)->schedule()->Data(), std::uint16_t{2}); },
     Code::out_of_bounds},
    {"counter of a rotation that does not exist",
     [](auto& s, Bytes& b) {
       const auto* last = s.campaigns()->Get(s.campaigns()->size() - 1);
       poke(b, last->rotation_slots()->Data(), s.rotation_slots());
     },
     Code::out_of_bounds},
    {"advertisers in disorder",
     [](auto& s, Bytes& b) { poke(b, field(s.advertisers()->Get(1), fbs::Advertiser::VT_ID), 1u); },
     Code::out_of_bounds},
    {"short secret of signatures",
     [](auto& s, Bytes& b) {
       const auto* item = s.advertisers()->Get(0)->signature_secrets()->Get(0);
       poke(b, reinterpret_cast<const char*>(item->secret()), 15u);
     },
     Code::out_of_bounds},
    {"short hash of an event key",
     [](auto& s, Bytes& b) { poke(b, reinterpret_cast<const char*>(s.event_keys()->Get(0)->sha256()), 31u); },
     Code::out_of_bounds},
    {"event keys in disorder",
     [](auto& s, Bytes& b) {
       poke(b, reinterpret_cast<const char*>(s.event_keys()->Get(0)->sha256()->data()), std::uint8_t{3});
     },
     Code::out_of_bounds},
    {"domains in disorder", [](auto& s, Bytes& b) { poke(b, s.domains()->Get(1)->host()->data(), 'a'); },
     Code::out_of_bounds},
    {"scheme", [](auto& s, Bytes& b) { poke(b, s.trafficback()->text()->data(), 'j'); }, Code::out_of_bounds},
    {"line break in a URL", [](auto& s, Bytes& b) { poke(b, s.trafficback()->text()->data() + 20, '\n'); },
     Code::out_of_bounds},
    {"campaign id", [](auto& s, Bytes& b) { poke(b, field(s.campaigns()->Get(0), fbs::Campaign::VT_ID), 1u << 28); },
     Code::out_of_bounds},
    {"text without end",
     [](auto& s, Bytes& b) {
       const auto* key = s.networks()->Get(0)->key();
       poke(b, key->data() + key->size(), 'x');
     },
     Code::malformed},
    {"count of 2^32 - 1", [](auto& s, Bytes& b) { poke(b, reinterpret_cast<const char*>(s.campaigns()), 0xffffffffu); },
     Code::malformed},
    {"short click key",
     [](auto& s, Bytes& b) { poke(b, reinterpret_cast<const char*>(s.click_keys()->Get(0)->key()), 15u); },
     Code::out_of_bounds},
    {"short secret of a network",
     [](auto& s, Bytes& b) {
       poke(b, reinterpret_cast<const char*>(s.networks()->Get(0)->signature_secrets()->Get(0)->secret()), 7u);
     },
     Code::out_of_bounds},
    {"line break in the name of a signature",
     [](auto& s, Bytes& b) { poke(b, s.networks()->Get(0)->signature()->carrier()->data(), '\n'); },
     Code::out_of_bounds},
    {"envelope",
     [](auto& s, Bytes& b) { poke(b, field(s.networks()->Get(1), fbs::Network::VT_ENVELOPE), std::uint8_t{3}); },
     Code::out_of_bounds},
    {"tolerance of a signature",
     [](auto& s, Bytes& b) {
       poke(b, field(s.networks()->Get(0)->signature(), fbs::CallSignature::VT_TOLERANCE_S), 86'401u);
     },
     Code::out_of_bounds},
    {"short secret",
     [](auto& s, Bytes& b) {
       poke(b, reinterpret_cast<const char*>(s.networks()->Get(0)->secrets()->Get(0)->sha256()), 31u);
     },
     Code::out_of_bounds},
};

void a_forged_meaning_is_refused_for_what_it_is(void**) {
  for (const Forgery& forgery : kForgeries) {
    Bytes bytes = sound();
    forgery.make(*fbs::GetSnapshot(bytes.data()), bytes);
    const auto view = SnapshotView::over(bytes);
    if (view) {
      fail_msg("%s: accepted", forgery.name);
    }
    if (view.error().code != forgery.code) {
      fail_msg("%s: %s", forgery.name, view.error().message.c_str());
    }
  }
}

void misaligned_bytes_are_refused(void**) {
  const Bytes whole = sound();
  Bytes shifted(whole.size() + 8);
  std::copy(whole.begin(), whole.end(), shifted.begin() + 4);
  const auto view = SnapshotView::over(std::span(shifted).subspan(4, whole.size()));
  assert_true(view.error().code == Code::malformed);
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_file_cut_at_any_thousandth_is_refused),
      cmocka_unit_test(any_flipped_byte_is_refused_or_harmless),
      cmocka_unit_test(any_word_may_become_hostile),
      cmocka_unit_test(random_damage_is_refused_or_harmless),
      cmocka_unit_test(a_forged_meaning_is_refused_for_what_it_is),
      cmocka_unit_test(misaligned_bytes_are_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
