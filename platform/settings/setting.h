#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace tributary {

enum class SettingType : std::uint8_t { text, integer, boolean };

// One key of a settings file, declared in code: what the loader checks and what --print-settings shows.
struct Setting {
  std::string key;  // dotted: "postgres.url" is `url` below `postgres`
  SettingType type;
  std::string default_value;                                    // as it would be written in the file
  std::string doc;                                              // one line
  std::int64_t min = std::numeric_limits<std::int64_t>::min();  // of an integer
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  std::vector<std::string> choices = {};  // of a text; empty: anything
};

// All keys of one program. Keys are unique; lists are short, look-ups are linear.
class SettingsSchema {
 public:
  // `program` is what stands in the names of environment variables: "ingestor" gives TRIBUTARY_INGESTOR_….
  explicit SettingsSchema(std::string program, std::vector<Setting> settings);

  const std::string& program() const noexcept { return program_; }
  const std::vector<Setting>& settings() const noexcept { return settings_; }
  const Setting* find(std::string_view key) const noexcept;  // nullptr when unknown

  // Whether keys exist below this one: true for "postgres" when there is a "postgres.url".
  bool is_section(std::string_view key) const noexcept;

  // "postgres.url" of program "ingestor": TRIBUTARY_INGESTOR_POSTGRES__URL.
  std::string environment_name(std::string_view key) const;

 private:
  std::string program_;
  std::vector<Setting> settings_;
};

}  // namespace tributary
