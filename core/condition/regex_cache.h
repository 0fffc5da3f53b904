#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tributary {

// Compiled regular expressions by their text. One per worker, for its life: what one snapshot has compiled the next one
// finds. Not thread-safe.
//
// A look-up does not allocate. An expression is compiled when it is first asked for; when there is no room, the one
// that was not used for the longest time goes. RE2 takes time linear in the text and memory up to kMaxRegexMemory.
class RegexCache {
 public:
  explicit RegexCache(std::size_t capacity = 256);
  ~RegexCache();

  // Is the expression anywhere in the text? Ignores case. False when it cannot be compiled.
  bool matches(std::string_view pattern, std::string_view text) noexcept;

  std::size_t size() const noexcept;
  std::uint64_t compilations() const noexcept { return compilations_; }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::uint64_t compilations_ = 0;
};

// What is wrong with an expression, for a person; empty when nothing is. `size` is how many instructions it has: the
// most that RE2 does for a byte of the text.
std::string regex_problem(std::string_view pattern, std::size_t& size);

}  // namespace tributary
