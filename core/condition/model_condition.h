#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tributary::model {

// A condition as it is in the API and in the database.
struct Condition {
  std::string kind;
  bool negated = false;
  std::string argument;
  std::vector<std::string> accepted;
  std::uint32_t cap_slot = 0;  // click_limit: place of its counter, kept for its life
  std::uint16_t cap_turn = 0;  // how often others had it before
};

}  // namespace tributary::model
