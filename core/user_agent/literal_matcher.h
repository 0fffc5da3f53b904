#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tributary {

// Finds which of many literals occur in a text, ASCII case ignored, in one pass over it (Aho-Corasick). Immutable once
// built; any thread.
class LiteralMatcher {
 public:
  // More states than this are refused: their numbers are kept in 16 bits.
  static constexpr std::size_t kMaxStates = 65'535;

  // Numbers of literals are their places in `literals`; lower case, not empty, each once. False: too many states.
  bool build(std::span<const std::string> literals);

  // Calls found(number) for every occurrence: the same literal may come again.
  template <typename Found>
  void scan(std::string_view text, const Found& found) const noexcept {
    std::size_t state = 0;
    for (const char c : text) {
      state = next_[state * classes_ + class_of_[static_cast<unsigned char>(c)]];
      for (std::size_t at = state; literal_[at] != kNone || suffix_[at] != 0; at = suffix_[at]) {
        if (literal_[at] != kNone) {
          found(literal_[at]);
        }
      }
    }
  }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  void number_the_bytes(std::span<const std::string> literals);
  std::uint16_t add_state();
  void link(std::size_t state, std::vector<std::uint16_t>& fall_back);

  std::array<std::uint8_t, 256> class_of_{};  // bytes that stand in no literal share class 0
  std::size_t classes_ = 1;
  std::vector<std::uint16_t> next_ = {0};
  std::vector<std::uint32_t> literal_ = {kNone};  // that ends in this state
  std::vector<std::uint16_t> suffix_ = {0};       // the longest shorter end of the state that is a literal, or 0
};

}  // namespace tributary
