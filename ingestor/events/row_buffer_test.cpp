#include "ingestor/events/row_buffer.h"

#include "core/base/cmocka.h"
#include "ingestor/events/rows.h"

using namespace tributary;
using namespace tributary::ingest;

namespace {

// The int8 value at `offset`, big-endian.
std::int64_t int8_at(std::span<const char> bytes, std::size_t offset) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8 | static_cast<unsigned char>(bytes[offset + i]);
  return static_cast<std::int64_t>(value);
}

void every_row_gets_the_number_of_its_batch(void**) {
  RowBuffer rows(kClickBytesBeforeBatch);
  Click click;
  click.id = pack_click_id({1'700'000'000'000, 1, 2, 3, 4, 5});
  write_click_row(rows, {}, click, {}, {}, {7, 16});
  const std::size_t second = rows.data().size();
  write_click_row(rows, {}, click, {}, {}, {7, 32});
  rows.set_batch(0x0102030405060708);
  const std::size_t batch = 2 + 3 * 12 + 4;
  assert_int_equal(int8_at(rows.data(), batch), 0x0102030405060708);
  assert_int_equal(int8_at(rows.data(), second + batch), 0x0102030405060708);
  assert_int_equal(int8_at(rows.data(), second + batch - 12), 32);  // the position before it is untouched
}

// How many fields a row really has, by walking their lengths.
int fields_in(std::span<const char> row) {
  int fields = 0;
  for (std::size_t at = 2; at < row.size(); ++fields) {
    std::uint32_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(row[at + i]);
    at += 4 + (length == 0xffffffffu ? 0 : length);
  }
  return fields;
}

int announced(std::span<const char> row) {
  return row[0] << 8 | row[1];
}

void rows_announce_as_many_fields_as_they_have(void**) {
  RowBuffer clicks(kClickBytesBeforeBatch);
  Click click;
  click.tracking.sub_ids[2] = "x";
  click.visit.user_agent = "caf\xff";
  write_click_row(clicks, {}, click, {}, {}, {});
  assert_int_equal(fields_in(clicks.data()), announced(clicks.data()));

  RowBuffer trafficbacks(kTrafficbackBytesBeforeBatch);
  write_trafficback_row(trafficbacks, {}, Trafficback{}, {}, {}, {});
  assert_int_equal(fields_in(trafficbacks.data()), announced(trafficbacks.data()));

  RowBuffer lander_clicks(kLanderClickBytesBeforeBatch);
  write_lander_click_row(lander_clicks, {}, LanderClick{}, {}, {}, {});
  assert_int_equal(fields_in(lander_clicks.data()), announced(lander_clicks.data()));

  RowBuffer postbacks(kPostbackBytesBeforeBatch);
  write_postback_row(postbacks, {}, Postback{}, {}, {});
  assert_int_equal(fields_in(postbacks.data()), announced(postbacks.data()));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(every_row_gets_the_number_of_its_batch),
      cmocka_unit_test(rows_announce_as_many_fields_as_they_have),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
