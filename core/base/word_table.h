#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

#include "core/base/ascii.h"

namespace tributary {

template <typename Value>
struct WordEntry {
  std::string_view word;
  Value value;
};

enum class WordCase { exact, folded };

// A fixed set of words, hashed at compile time. Looking up costs one hash of three characters and the length, and
// mostly no comparison for a word that is not there. Repeating a word does not compile.
template <typename Value, std::size_t kCount, WordCase kCase = WordCase::folded>
class WordTable {
 public:
  consteval explicit WordTable(const WordEntry<Value> (&entries)[kCount]) {
    for (std::size_t i = 0; i < kCount; ++i) {
      entries_[i] = entries[i];
      std::size_t slot = hash(entries[i].word);
      while (slots_[slot] != 0) {
        if (same(entries_[slots_[slot] - 1u].word, entries[i].word)) {
          throw "a word stands twice in the table";
        }
        slot = (slot + 1) % kSlots;
      }
      slots_[slot] = static_cast<std::uint16_t>(i + 1);
    }
  }

  // nullptr when the word is not in the table.
  constexpr const WordEntry<Value>* find(std::string_view word) const noexcept {
    if (word.empty()) {
      return nullptr;
    }
    for (std::size_t slot = hash(word); slots_[slot] != 0; slot = (slot + 1) % kSlots) {
      const WordEntry<Value>& entry = entries_[slots_[slot] - 1u];
      if (same(entry.word, word)) {
        return &entry;
      }
    }
    return nullptr;
  }

  constexpr const auto& entries() const noexcept { return entries_; }

 private:
  static constexpr std::size_t kSlots = std::bit_ceil(kCount * 4);

  // Folding by one bit maps a few other characters together as well, which costs a comparison and nothing else.
  static constexpr std::size_t hash(std::string_view word) noexcept {
    const auto at = [&](std::size_t i) {
      return static_cast<std::uint32_t>(static_cast<unsigned char>(word[i] | 0x20));
    };
    const std::size_t last = word.size() - 1;
    const std::uint32_t mixed = at(0) | at(last) << 8 | at(last / 2) << 16 | static_cast<std::uint32_t>(last) << 24;
    return (mixed * 0x9e3779b1u) >> (32 - std::countr_zero(kSlots));
  }

  static constexpr bool same(std::string_view a, std::string_view b) noexcept {
    if constexpr (kCase == WordCase::exact) {
      return a == b;
    } else {
      return a == b || ascii::equal_ignoring_case(a, b);  // mostly the case is right
    }
  }

  std::array<WordEntry<Value>, kCount> entries_{};
  std::array<std::uint16_t, kSlots> slots_{};
};

}  // namespace tributary
