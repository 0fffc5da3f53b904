#pragma once

#include <cstring>
#include <string_view>
#include <utility>

#include "core/base/arena.h"

namespace tributary {

// Appends to the arena, one piece behind the other.
class ArenaText {
 public:
  explicit ArenaText(Arena& arena) noexcept : arena_(arena) {}

  // False when the arena is full.
  bool append(std::string_view part) noexcept {
    if (part.empty()) {
      return true;
    }
    const std::span<char> place = arena_.take(part.size());
    if (place.empty()) {
      return false;
    }
    std::memcpy(place.data(), part.data(), part.size());
    text_ = {text_.empty() ? place.data() : text_.data(), text_.size() + part.size()};
    return true;
  }
  std::string_view take() noexcept { return std::exchange(text_, {}); }

 private:
  Arena& arena_;
  std::string_view text_;
};

// Writes JSON anew, without white space: never longer than it came.
class JsonCopy {
 public:
  explicit JsonCopy(Arena& arena) noexcept : out_(arena) {}

  bool open(char bracket) noexcept {
    const bool ok = separate() && out_.append({&bracket, 1});
    comma_ = false;
    return ok;
  }
  bool close(char bracket) noexcept {
    comma_ = true;
    return out_.append({&bracket, 1});
  }
  bool text(std::string_view part, bool last) noexcept {
    const bool ok = (in_text_ || (separate() && out_.append("\""))) && escaped(part) && (!last || out_.append("\""));
    in_text_ = !last;
    comma_ = last;
    return ok;
  }
  bool key(std::string_view part, bool last) noexcept {
    const bool ok = text(part, last) && (!last || out_.append(":"));
    comma_ = false;
    return ok;
  }
  bool word(std::string_view text) noexcept {
    const bool ok = separate() && out_.append(text);
    comma_ = true;
    return ok;
  }
  std::string_view take() noexcept {
    comma_ = false;
    return out_.take();
  }

 private:
  bool separate() noexcept { return !comma_ || out_.append(","); }

  bool escaped(std::string_view part) noexcept {
    for (std::size_t plain = 0; !part.empty(); part.remove_prefix(plain)) {
      plain = 0;
      while (plain < part.size() && !needs_escape(part[plain])) {
        ++plain;
      }
      if (!out_.append(part.substr(0, plain))) {
        return false;
      }
      if (plain < part.size() && !escape(part[plain++])) {
        return false;
      }
    }
    return true;
  }

  static bool needs_escape(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

  // PostgreSQL stores no NUL: it becomes U+FFFD, as everywhere.
  bool escape(char c) noexcept {
    constexpr std::string_view kShort = "\"\\\b\f\n\r\t";
    constexpr std::string_view kLetters = "\"\\bfnrt";
    if (c == 0) {
      return out_.append("\xef\xbf\xbd");
    }
    if (const std::size_t at = kShort.find(c); at != std::string_view::npos) {
      const char pair[] = {'\\', kLetters[at]};
      return out_.append({pair, 2});
    }
    constexpr char kHex[] = "0123456789abcdef";
    const char code[] = {'\\', 'u', '0', '0', kHex[c >> 4], kHex[c & 15]};
    return out_.append({code, sizeof(code)});
  }

  ArenaText out_;
  bool in_text_ = false;
  bool comma_ = false;  // a value stands before what is written next
};

}  // namespace tributary
