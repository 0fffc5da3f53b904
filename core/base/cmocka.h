#pragma once

// cmocka for C++ unit tests: the C headers that cmocka.h expects before it, and its linkage.
//
// `fail` and `skip` are not macros here, because headers of C++ libraries use these names: say fail_msg or _skip.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string_view>

// clang-format off
extern "C" {
#include <cmocka.h>
}
#undef fail
#undef skip
#undef fail_msg
// clang-format on

#define fail_msg(...)          \
  do {                         \
    print_error(__VA_ARGS__);  \
    print_error("\n");         \
    _fail(__FILE__, __LINE__); \
  } while (0)

namespace tributary::testing {

// Compares two texts of any bytes and shows both when they differ.
inline void expect_text(std::string_view actual, std::string_view expected, const char* file, int line) {
  if (actual == expected) {
    return;
  }
  print_error("got  [%.*s]\nwant [%.*s]\n", static_cast<int>(actual.size()), actual.data(),
              static_cast<int>(expected.size()), expected.data());
  _fail(file, line);
}

}  // namespace tributary::testing

#define assert_text(actual, expected) ::tributary::testing::expect_text((actual), (expected), __FILE__, __LINE__)
