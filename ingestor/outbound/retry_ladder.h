#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace tributary::ingest {

// How long to wait after each attempt that failed; when all waits are used up, the entry is given up.
class RetryLadder {
 public:
  // "60 300 1800": seconds, at least one and at most 32 of them. The error says what is wrong.
  static Result<RetryLadder, std::string> parse(std::string_view text);

  // After the attempt with this number, counted from 1; up to a fifth longer, so that what failed together does not
  // come back together. Nothing: it was the last one.
  std::optional<std::chrono::milliseconds> wait_after(std::int64_t attempt, std::minstd_rand& random) const;

 private:
  std::vector<std::chrono::seconds> waits_;
};

}  // namespace tributary::ingest
