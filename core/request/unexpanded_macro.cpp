#include "core/request/unexpanded_macro.h"

#include "core/base/ascii.h"

namespace tributary {
namespace {

struct Delimiters {
  std::string_view open;
  std::string_view close;
};

// Longer ones before those that they begin with.
constexpr Delimiters kDelimiters[] = {
    {"{{", "}}"}, {"{$", "}"}, {"{", "}"},   {"${", "}"}, {"[[[", "]]]"}, {"[[", "]]"},   {"[", "]"},
    {"##", "##"}, {"#", "#"},  {"%%", "%%"}, {"%", "%"},  {"@@", "@@"},   {"!!!", "!!!"}, {"__", "__"},
};

bool is_macro_character(char c) noexcept {
  return ascii::is_alnum(c) || c == '_' || c == '-' || c == '.' || c == ':' || c == '(' || c == ')';
}

// A macro's name holds a letter; `{123}` or `__` are somebody's values.
bool is_macro_name(std::string_view name) noexcept {
  bool has_letter = false;
  for (const char c : name) {
    if (!is_macro_character(c)) {
      return false;
    }
    has_letter = has_letter || ascii::is_alpha(c);
  }
  return has_letter;
}

bool is_upper_case_name(std::string_view name) noexcept {
  for (const char c : name) {
    if (!ascii::is_upper(c) && !ascii::is_digit(c) && c != '_') {
      return false;
    }
  }
  return is_macro_name(name);
}

// Jumbleberry's `xxc1xx`.
bool is_between_x(std::string_view value) noexcept {
  if (value.size() < 6 || !value.starts_with("xx") || !value.ends_with("xx")) {
    return false;
  }
  const std::string_view name = value.substr(2, value.size() - 4);
  return name == "c1" || name == "c2" || name == "c3" || name == "payout";
}

}  // namespace

bool is_delimited_macro(std::string_view value) noexcept {
  for (const Delimiters& style : kDelimiters) {
    const std::size_t frame = style.open.size() + style.close.size();
    if (value.size() > frame && value.starts_with(style.open) && value.ends_with(style.close)) {
      const std::string_view name = value.substr(style.open.size(), value.size() - frame);
      // TikTok's __X__ looks like a name of a programming language: only capitals count.
      return style.open == "__" ? is_upper_case_name(name) : is_macro_name(name);
    }
  }
  return is_between_x(value);
}

}  // namespace tributary
