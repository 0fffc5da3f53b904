#include "platform/postgres/binary.h"

#include <string>

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

std::string hex(const BinaryWriter& writer) {
  std::string out;
  for (const char c : writer.data()) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
    out += digits;
  }
  return out;
}

void assert_money(std::int64_t micros, const char* expected) {
  BinaryWriter writer;
  writer.money(micros);
  const std::string seen = hex(writer);
  assert_string_equal(seen.c_str(), expected);
}

// The expected bytes are what numeric_send of PostgreSQL 15 gives for the same values: length, count of base-10000
// groups, weight, sign, display scale 6, groups.
void money_is_exact_numeric(void**) {
  assert_money(0,
               "00000008"
               "0000"
               "0000"
               "0000"
               "0006");
  assert_money(1'000'000,
               "0000000a"
               "0001"
               "0000"
               "0000"
               "0006"
               "0001");
  assert_money(-12'345'678'900,
               "0000000e"
               "0003"
               "0001"
               "4000"
               "0006"
               "0001"
               "0929"
               "1a85");
  assert_money(1,
               "0000000a"
               "0001"
               "fffe"
               "0000"
               "0006"
               "0064");
  assert_money(10'000'000'000,
               "0000000a"
               "0001"
               "0001"
               "0000"
               "0006"
               "0001");
}

void integers_are_big_endian(void**) {
  BinaryWriter writer;
  writer.int2(-2);
  writer.int4(258);
  writer.int8(1);
  writer.boolean(true);
  const std::string seen = hex(writer);
  assert_string_equal(seen.c_str(),
                      "00000002fffe"
                      "0000000400000102"
                      "000000080000000000000001"
                      "0000000101");
}

void addresses_name_their_family(void**) {
  BinaryWriter writer;
  const std::uint8_t address[] = {192, 0, 2, 1};
  writer.inet(address);
  writer.inet({});
  const std::string seen = hex(writer);
  assert_string_equal(seen.c_str(),
                      "00000008"
                      "02200004"
                      "c0000201"
                      "ffffffff");
}

void an_array_knows_its_length(void**) {
  BinaryWriter writer;
  const std::size_t mark = writer.begin_array(oid::kText, 2, true);
  writer.text("a");
  writer.null();
  writer.end_field(mark);
  const std::string seen = hex(writer);
  assert_string_equal(seen.c_str(),
                      "0000001d"
                      "00000001"
                      "00000001"
                      "00000019"
                      "00000002"
                      "00000001"
                      "0000000161"
                      "ffffffff");
}

void times_count_from_the_year_2000(void**) {
  BinaryWriter writer;
  writer.timestamptz(kPostgresEpochUs + 1);
  const std::string seen = hex(writer);
  assert_string_equal(seen.c_str(),
                      "00000008"
                      "0000000000000001");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(money_is_exact_numeric),         cmocka_unit_test(integers_are_big_endian),
      cmocka_unit_test(addresses_name_their_family),    cmocka_unit_test(an_array_knows_its_length),
      cmocka_unit_test(times_count_from_the_year_2000),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
