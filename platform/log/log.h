#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

// One line per event to standard error, as JSON or as text. Any thread may call; before start() lines go out as text
// from level info. Never pass a secret: what comes in is what is written.
namespace tributary::log {

enum class Level : std::uint8_t { debug, info, warning, error };
enum class Format : std::uint8_t { text, json };

// The words that settings use: debug, info, warning, error; text, json. Anything else is `info` and `text`.
Level level_from(std::string_view word) noexcept;
Format format_from(std::string_view word) noexcept;

void start(Level level, Format format);
bool enabled(Level level) noexcept;

// A named value of a line. Numbers and booleans stay bare in JSON.
struct Field {
  template <typename Number>
    requires std::is_arithmetic_v<Number>
  Field(std::string_view field_name, Number number) : name(field_name), value(render(number)), bare(true) {}
  Field(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
  Field(std::string_view field_name, const char* text) : name(field_name), value(text) {}
  Field(std::string_view field_name, const std::string& text) : name(field_name), value(text) {}

  std::string_view name;
  std::string value;
  bool bare = false;

 private:
  template <typename Number>
  static std::string render(Number number) {
    if constexpr (std::is_same_v<Number, bool>) return number ? "true" : "false";
    return std::to_string(number);
  }
};
using Fields = std::initializer_list<Field>;

void write(Level level, std::string_view message, Fields fields = {});
inline void debug(std::string_view message, Fields fields = {}) {
  write(Level::debug, message, fields);
}
inline void info(std::string_view message, Fields fields = {}) {
  write(Level::info, message, fields);
}
inline void warning(std::string_view message, Fields fields = {}) {
  write(Level::warning, message, fields);
}
inline void error(std::string_view message, Fields fields = {}) {
  write(Level::error, message, fields);
}

// The part of a line after time and level; for tests.
std::string render_text(std::string_view message, Fields fields);
std::string render_json(std::string_view message, Fields fields);

}  // namespace tributary::log
