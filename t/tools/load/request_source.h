#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "t/tools/load/options.h"

namespace tributary::load {

enum class Kind : std::uint8_t { click, postback, repeat };

// One request of the schedule, from being due to its answer.
struct Request {
  std::uint64_t number = 0;
  std::uint64_t due_ns = 0;
  Kind kind = Kind::click;
  std::string uid;  // what the answer and every stored row is matched by
  std::string text;
};

// Makes the requests: unique ids, campaigns drawn with a skew, postbacks for clicks that were answered.
class RequestSource {
 public:
  explicit RequestSource(const Options& options);
  Request make(std::uint64_t number, std::uint64_t due_ns);
  // A click id that a later postback may use.
  void click_answered(std::string_view click_id);

 private:
  Request listed(std::uint64_t number, std::uint64_t due_ns);
  std::string render(std::string_view path, std::string_view uid, std::string_view click);
  // From 0 to below `count`, low numbers more often.
  std::size_t draw(std::size_t count);
  bool chance(double share) { return std::uniform_real_distribution<>()(random_) < share; }

  const Options& options_;
  std::mt19937_64 random_;
  std::vector<std::string> clicks_;      // the latest click ids, a ring
  std::vector<Request> sent_postbacks_;  // what a repeat can repeat, a ring
  std::uint64_t click_count_ = 0;
  std::uint64_t postback_count_ = 0;
};

}  // namespace tributary::load
