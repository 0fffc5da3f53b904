#include "core/state/overlay.h"

#include <fstream>
#include <functional>
#include <iterator>

#include "core/base/random.h"
#include "core/state/sample_overlay.h"
#include "schema/overlay_generated.h"

#include "core/base/cmocka.h"

namespace tributary {
namespace {

std::vector<std::uint8_t> bytes_of(const Overlay& overlay) {
  auto built = build_overlay(overlay);
  if (!built) {
    fail_msg("%s", built.error().c_str());
  }
  return std::move(built).value();
}

std::string refusal(const Overlay& overlay) {
  const auto built = build_overlay(overlay);
  return built ? std::string() : built.error();
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

void an_overlay_is_read_as_it_was_built(void**) {
  const auto read = read_overlay(bytes_of(sample_overlay()));
  assert_true(read.ok());
  assert_true(*read == sample_overlay());
  Overlay empty;
  empty.version = {0, 1};
  assert_true(*read_overlay(bytes_of(empty)) == empty);
  empty.cap_totals = CapTotals{.life = 1, .totals = {{1, 2, 3}}, .progress = {}};
  assert_true(*read_overlay(bytes_of(empty)) == empty);
}

void rows_in_any_order_are_built_in_order(void**) {
  Overlay shuffled = sample_overlay();
  std::swap(shuffled.destinations[0], shuffled.destinations[2]);
  std::swap(shuffled.cap_totals->totals[0], shuffled.cap_totals->totals[1]);
  std::swap(shuffled.cap_totals->progress[0], shuffled.cap_totals->progress[1]);
  assert_true(bytes_of(shuffled) == bytes_of(sample_overlay()));
}

void bytes_of_any_alignment_are_read(void**) {
  const auto bytes = bytes_of(sample_overlay());
  for (std::size_t shift = 0; shift < 8; ++shift) {
    std::vector<std::uint8_t> moved(shift);
    moved.insert(moved.end(), bytes.begin(), bytes.end());
    assert_true(read_overlay(std::span(moved).subspan(shift)).ok());
  }
}

void what_cannot_be_true_is_not_built(void**) {
  const auto with = [](const std::function<void(Overlay&)>& change) {
    Overlay overlay = sample_overlay();
    change(overlay);
    return refusal(overlay);
  };
  assert_true(contains(with([](Overlay& o) { o.version.counter = 0; }), "version"));
  assert_true(contains(with([](Overlay& o) { o.version.counter = 1ull << 48; }), "version"));
  assert_true(contains(with([](Overlay& o) { o.destinations[0].id = 7; }), "twice"));
  assert_true(contains(with([](Overlay& o) { o.destinations[0].id = 0; }), "no id"));
  assert_true(contains(with([](Overlay& o) { o.destinations[0].flags = 16; }), "not known"));
  assert_true(contains(with([](Overlay& o) { o.destinations[0].ends.payout = 1; }), "not closed"));
  assert_true(contains(with([](Overlay& o) { o.destinations[1].ends.payout = kMaxClosureEnd + 1; }), "too late"));
  assert_true(contains(with([](Overlay& o) { o.cap_totals->life = 0; }), "state file"));
  assert_true(contains(with([](Overlay& o) { o.cap_totals->totals[0].slot = 16'777'215; }), "twice"));
  assert_true(contains(with([](Overlay& o) { o.cap_totals->totals[0].slot = 1u << 24; }), "beyond"));
  assert_true(contains(with([](Overlay& o) { o.cap_totals->values[0] = o.cap_totals->values[1]; }), "twice"));
  assert_true(contains(with([](Overlay& o) { o.cap_totals->values[0].slot = 1u << 24; }), "beyond"));
  assert_true(contains(with([](Overlay& o) { o.cap_totals->progress[0] = o.cap_totals->progress[1]; }), "twice"));
}

// Built by another program, with rows in an order that ours never writes.
void a_sound_file_with_unsorted_or_foreign_rows_is_refused(void**) {
  const auto file = [](std::uint32_t format, std::uint32_t epoch, std::vector<fbs::DestinationFacts> rows) {
    flatbuffers::FlatBufferBuilder out;
    const auto written = out.CreateVectorOfStructs(rows);
    fbs::FinishOverlayBuffer(out, fbs::CreateOverlay(out, format, epoch, 1, 0, written));
    return std::vector<std::uint8_t>(out.GetBufferPointer(), out.GetBufferPointer() + out.GetSize());
  };
  assert_true(read_overlay(file(1, 0, {{1, 0, 0, 0}, {2, 0, 0, 0}})).ok());
  assert_true(contains(read_overlay(file(1, 0, {{2, 0, 0, 0}, {1, 0, 0, 0}})).error(), "out of order"));
  assert_true(contains(read_overlay(file(1, 0, {{2, 0, 0, 0}, {2, 0, 0, 0}})).error(), "twice"));
  assert_true(contains(read_overlay(file(1, 0, {{2, 16, 0, 0}})).error(), "not known"));
  assert_true(contains(read_overlay(file(2, 0, {})).error(), "format 2"));
  assert_true(contains(read_overlay(file(0, 0, {})).error(), "format 0"));
  assert_true(contains(read_overlay(file(1, 65'536, {})).error(), "epoch 65536"));
}

void ends_out_of_order_or_of_nobody_are_refused(void**) {
  const auto file = [](std::vector<fbs::ClosureEnds> ends) {
    flatbuffers::FlatBufferBuilder out;
    const auto rows = out.CreateVectorOfStructs(std::vector<fbs::DestinationFacts>{{1, 8, 0, 0}, {2, 8, 0, 0}});
    const auto written = out.CreateVectorOfStructs(ends);
    fbs::FinishOverlayBuffer(out, fbs::CreateOverlay(out, 1, 0, 1, 0, rows, 0, written));
    return std::vector<std::uint8_t>(out.GetBufferPointer(), out.GetBufferPointer() + out.GetSize());
  };
  const auto read = read_overlay(file({{1, 0, 0, 5}, {2, 0, 0, 7}}));
  assert_true(read.ok());
  assert_int_equal(read->destinations[1].ends.revenue, 7);
  assert_true(contains(read_overlay(file({{2, 0, 0, 5}, {1, 0, 0, 7}})).error(), "out of order"));
  assert_true(contains(read_overlay(file({{1, 0, 0, 5}, {1, 0, 0, 7}})).error(), "twice"));
  assert_true(contains(read_overlay(file({{3, 0, 0, 5}})).error(), "no destination"));
}

void a_time_is_rounded_up_to_a_quarter_of_an_hour(void**) {
  assert_int_equal(closure_end(0), 0);
  assert_int_equal(closure_end(kClosureEpoch_s), 0);
  assert_int_equal(closure_end(kClosureEpoch_s + 1), 1);
  assert_int_equal(closure_end(kClosureEpoch_s + 900), 1);
  assert_int_equal(closure_end(kClosureEpoch_s + 901), 2);
  assert_int_equal(closure_end(UINT64_MAX), 0);
  assert_int_equal(closure_end_s(closure_end(1'800'000'000)), 1'800'000'000);
  const ClosureEnds ends{1, kMaxClosureEnd, 77};
  assert_true(unpack_ends(pack_ends(ends)) == ends);
}

void a_cut_or_foreign_file_is_refused(void**) {
  const auto bytes = bytes_of(sample_overlay());
  for (std::size_t length = 0; length + 8 < bytes.size(); ++length) {
    assert_false(read_overlay(std::span(bytes).first(length)).ok());
  }
  auto snapshot = bytes;
  snapshot[7] = 'S';
  assert_true(contains(read_overlay(snapshot).error(), "not an overlay"));
}

// Found by the fuzz target: sound for the library's verifier, but reading it would be undefined.
void rows_that_are_not_aligned_are_refused(void**) {
  std::ifstream file(TRIBUTARY_SOURCE_DIR "/core/state/corpus/overlay_fuzz/misaligned", std::ios::binary);
  const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
  assert_true(!bytes.empty());
  assert_true(contains(read_overlay(bytes).error(), "damaged"));
}

// Damaged bytes are refused, or say something that could be said: it can be built again.
void damaged_bytes_never_give_an_impossible_overlay(void**) {
  const auto sound = bytes_of(sample_overlay());
  SplitMix64 random(1);
  int accepted = 0;
  for (int round = 0; round < 50'000; ++round) {
    auto bytes = sound;
    for (std::uint64_t i = 1 + random.below(4); i > 0; --i) {
      bytes[random.below(bytes.size())] = static_cast<std::uint8_t>(random.next());
    }
    if (const auto read = read_overlay(bytes); read.ok()) {
      ++accepted;
      assert_true(*read_overlay(bytes_of(*read)) == *read);
    }
  }
  assert_true(accepted > 0);
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(an_overlay_is_read_as_it_was_built),
      cmocka_unit_test(rows_in_any_order_are_built_in_order),
      cmocka_unit_test(bytes_of_any_alignment_are_read),
      cmocka_unit_test(what_cannot_be_true_is_not_built),
      cmocka_unit_test(a_sound_file_with_unsorted_or_foreign_rows_is_refused),
      cmocka_unit_test(ends_out_of_order_or_of_nobody_are_refused),
      cmocka_unit_test(a_time_is_rounded_up_to_a_quarter_of_an_hour),
      cmocka_unit_test(a_cut_or_foreign_file_is_refused),
      cmocka_unit_test(rows_that_are_not_aligned_are_refused),
      cmocka_unit_test(damaged_bytes_never_give_an_impossible_overlay),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
