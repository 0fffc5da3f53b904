#include "ingestor/outbound/retry_ladder.h"

#include <algorithm>
#include <charconv>

namespace tributary::ingest {
namespace {

constexpr std::size_t kMostWaits = 32;
constexpr std::int64_t kLongestWaitS = 30 * 86'400;

}  // namespace

Result<RetryLadder, std::string> RetryLadder::parse(std::string_view text) {
  constexpr std::string_view kDividers = " ,";
  RetryLadder ladder;
  for (auto begin = text.find_first_not_of(kDividers); begin != text.npos; begin = text.find_first_not_of(kDividers)) {
    const auto end = std::min(text.find_first_of(kDividers, begin), text.size());
    std::int64_t seconds = -1;
    const auto read = std::from_chars(text.data() + begin, text.data() + end, seconds);
    if (read.ptr != text.data() + end || seconds < 0 || seconds > kLongestWaitS) {
      return std::string(text.substr(begin, end - begin)) + " is not a number of seconds from 0 to 2592000";
    }
    ladder.waits_.emplace_back(seconds);
    text.remove_prefix(end);
  }
  if (ladder.waits_.empty() || ladder.waits_.size() > kMostWaits)
    return std::string("must be 1 to 32 waits in seconds");
  return ladder;
}

std::optional<std::chrono::milliseconds> RetryLadder::wait_after(std::int64_t attempt, std::minstd_rand& random) const {
  if (attempt < 1 || static_cast<std::size_t>(attempt) > waits_.size()) return std::nullopt;
  const std::chrono::milliseconds wait = waits_[static_cast<std::size_t>(attempt - 1)];
  return wait + std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(0, wait.count() / 5)(random));
}

}  // namespace tributary::ingest
