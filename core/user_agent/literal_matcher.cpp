#include "core/user_agent/literal_matcher.h"

#include "core/base/ascii.h"

namespace tributary {

void LiteralMatcher::number_the_bytes(std::span<const std::string> literals) {
  class_of_ = {};
  classes_ = 1;
  for (const std::string& literal : literals) {
    for (const char c : literal) {
      auto& number = class_of_[static_cast<unsigned char>(c)];
      if (number == 0) {
        number = static_cast<std::uint8_t>(classes_++);
      }
    }
  }
  for (unsigned char c = 'A'; c <= 'Z'; ++c) {
    class_of_[c] = class_of_[static_cast<unsigned char>(ascii::to_lower(static_cast<char>(c)))];
  }
}

std::uint16_t LiteralMatcher::add_state() {
  const std::size_t state = literal_.size();
  next_.resize(next_.size() + classes_);
  literal_.push_back(kNone);
  suffix_.push_back(0);
  return static_cast<std::uint16_t>(state);
}

bool LiteralMatcher::build(std::span<const std::string> literals) {
  number_the_bytes(literals);
  next_.assign(classes_, 0);
  literal_.assign(1, kNone);
  suffix_.assign(1, 0);
  for (std::size_t i = 0; i < literals.size(); ++i) {
    std::size_t state = 0;
    for (const char c : literals[i]) {
      const std::size_t edge = state * classes_ + class_of_[static_cast<unsigned char>(c)];
      if (next_[edge] == 0) {
        if (literal_.size() == kMaxStates) {
          return false;
        }
        const std::uint16_t added = add_state();
        next_[edge] = added;
      }
      state = next_[edge];
    }
    literal_[state] = static_cast<std::uint32_t>(i);
  }
  std::vector<std::uint16_t> fall_back(literal_.size(), 0);
  std::vector<std::uint16_t> order = {0};  // breadth first: what a state falls back to is linked before it
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t state = order[i];
    for (std::size_t c = 0; c < classes_; ++c) {
      const std::uint16_t child = next_[state * classes_ + c];
      if (child != 0) {
        order.push_back(child);
        fall_back[child] = state == 0 ? std::uint16_t{0} : next_[fall_back[state] * classes_ + c];
      }
    }
    link(state, fall_back);
  }
  return true;
}

// Fills the missing edges of a state from where it falls back to.
void LiteralMatcher::link(std::size_t state, std::vector<std::uint16_t>& fall_back) {
  if (state == 0) {
    return;
  }
  const std::size_t shorter = fall_back[state];
  suffix_[state] = literal_[shorter] != kNone ? static_cast<std::uint16_t>(shorter) : suffix_[shorter];
  for (std::size_t c = 0; c < classes_; ++c) {
    if (next_[state * classes_ + c] == 0) {
      next_[state * classes_ + c] = next_[shorter * classes_ + c];
    }
  }
}

}  // namespace tributary
