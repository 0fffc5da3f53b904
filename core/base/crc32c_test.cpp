#include "core/base/crc32c.h"

#include <cstring>
#include <random>
#include <vector>

#include "core/base/cmocka.h"

using namespace tributary;

static void known_values(void**) {
  assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
  assert_int_equal(crc32c_portable(0, "123456789", 9), 0xe3069283);
  char zeros[32] = {};
  assert_int_equal(crc32c(0, zeros, sizeof(zeros)), 0x8a9136aa);  // RFC 3720, B.4
  assert_int_equal(crc32c(0, "", 0), 0);
}

static void both_ways_agree_for_every_length_and_alignment(void**) {
  std::mt19937 random(1);
  std::vector<char> bytes(10'000);
  for (char& byte : bytes) byte = static_cast<char>(random());
  for (std::size_t size = 0; size < 4000; ++size) {
    const char* at = bytes.data() + size % 16;
    assert_int_equal(crc32c(static_cast<std::uint32_t>(size), at, size),
                     crc32c_portable(static_cast<std::uint32_t>(size), at, size));
  }
  assert_int_equal(crc32c(7, bytes.data(), bytes.size()), crc32c_portable(7, bytes.data(), bytes.size()));
}

static void a_seed_continues_what_came_before(void**) {
  const char text[] =
      "a click is routed, signed, logged and redirected by the worker that accepted it, and only by that one";
  std::size_t size = std::strlen(text);
  for (std::size_t cut = 0; cut <= size; ++cut) {
    assert_int_equal(crc32c(crc32c(0, text, cut), text + cut, size - cut), crc32c(0, text, size));
  }
}

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(known_values),
      cmocka_unit_test(both_ways_agree_for_every_length_and_alignment),
      cmocka_unit_test(a_seed_continues_what_came_before),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
