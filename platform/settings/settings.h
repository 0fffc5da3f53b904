#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "platform/settings/setting.h"

namespace tributary {

// The message is for an operator: FILE:LINE:COLUMN, the key, the value seen and what is allowed.
class SettingsError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The values of one program: defaults, then the file, then the environment. Immutable once loaded.
class Settings {
 public:
  // Reads `path`; an empty path means defaults and environment only. `environment` holds "NAME=value" entries. A
  // variable that starts with the program's prefix but names no key is refused, unless it is in `other_variables`.
  static Settings load(const SettingsSchema& schema, const std::string& path, std::span<const std::string> environment,
                       std::span<const std::string_view> other_variables = {});

  // The same from text; `name` stands in the messages.
  static Settings parse(const SettingsSchema& schema, std::string_view yaml, const std::string& name,
                        std::span<const std::string> environment = {},
                        std::span<const std::string_view> other_variables = {});

  // The key must be in the schema with that type: anything else is a programming error and throws logic_error.
  const std::string& text(std::string_view key) const;
  std::int64_t integer(std::string_view key) const;
  bool boolean(std::string_view key) const;

  // True when the file or the environment named the key.
  bool given(std::string_view key) const;

 private:
  struct Value {
    SettingType type = SettingType::text;
    std::string text;
    std::int64_t integer = 0;
    bool given = false;
  };
  const Value& value(std::string_view key, SettingType type) const;
  void set(const Setting& setting, std::string_view text, const std::string& where);
  void apply_defaults(const SettingsSchema& schema);
  void apply_environment(const SettingsSchema& schema, std::span<const std::string> environment,
                         std::span<const std::string_view> other_variables);

  std::map<std::string, Value, std::less<>> values_;
};

// The environment of this process, as load() wants it.
std::vector<std::string> process_environment();

// What --print-settings shows: a settings file with every key, its default and its documentation.
std::string describe_settings(const SettingsSchema& schema);

// A secret that is named directly (`KEY`) or by a file that holds it (`KEY_file`; its first line counts). Both at once,
// or a file that cannot be read, is a SettingsError.
std::string secret_setting(const Settings& settings, const std::string& key);

}  // namespace tributary
