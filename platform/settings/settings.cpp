#include "platform/settings/settings.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>

#include "core/base/whole_file.h"
#include "platform/settings/yaml.h"

namespace tributary {
namespace {

constexpr std::string_view kTypeNames[] = {"text", "an integer", "true or false"};

std::string read_settings_file(const std::string& path) {
  auto text = read_whole_file(path);
  if (!text) throw SettingsError(path + ": the settings file cannot be read");
  return *std::move(text);
}

[[noreturn]] void refuse(const std::string& where, const Setting& setting, std::string_view text,
                         const std::string& wanted) {
  throw SettingsError(where + ": " + setting.key + ": \"" + std::string(text) + "\" is not " + wanted);
}

std::int64_t parse_integer(const Setting& setting, std::string_view text, const std::string& where) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) refuse(where, setting, text, "an integer");
  if (number < setting.min || number > setting.max) {
    refuse(where, setting, text, "from " + std::to_string(setting.min) + " to " + std::to_string(setting.max));
  }
  return number;
}

void check_choice(const Setting& setting, std::string_view text, const std::string& where) {
  if (setting.choices.empty() ||
      std::find(setting.choices.begin(), setting.choices.end(), text) != setting.choices.end())
    return;
  std::string allowed;
  for (const std::string& choice : setting.choices) allowed += (allowed.empty() ? "" : ", ") + choice;
  refuse(where, setting, text, "one of: " + allowed);
}

}  // namespace

Settings Settings::load(const SettingsSchema& schema, const std::string& path, std::span<const std::string> environment,
                        std::span<const std::string_view> other_variables) {
  return parse(schema, path.empty() ? std::string() : read_settings_file(path), path, environment, other_variables);
}

Settings Settings::parse(const SettingsSchema& schema, std::string_view yaml, const std::string& name,
                         std::span<const std::string> environment, std::span<const std::string_view> other_variables) {
  Settings settings;
  settings.apply_defaults(schema);
  for (const YamlScalar& scalar : read_yaml_scalars(yaml, name)) {
    const Setting* setting = schema.find(scalar.key);
    if (setting == nullptr && scalar.is_null && schema.is_section(scalar.key))
      continue;  // a section with nothing in it
    if (setting == nullptr) {
      throw SettingsError(scalar.key_where + ": " + scalar.key +
                          (schema.is_section(scalar.key) ? ": is a section, its keys go below it" : ": unknown key"));
    }
    if (scalar.is_null) continue;  // `key:` alone means the default
    if (scalar.quoted && setting->type != SettingType::text) {
      refuse(scalar.where, *setting, scalar.value,
             std::string(kTypeNames[static_cast<int>(setting->type)]) + " (write it without quotes)");
    }
    settings.set(*setting, scalar.value, scalar.where);
  }
  settings.apply_environment(schema, environment, other_variables);
  return settings;
}

void Settings::apply_defaults(const SettingsSchema& schema) {
  for (const Setting& setting : schema.settings()) {
    set(setting, setting.default_value, "default");
    values_.find(setting.key)->second.given = false;
  }
}

void Settings::apply_environment(const SettingsSchema& schema, std::span<const std::string> environment,
                                 std::span<const std::string_view> other_variables) {
  const std::string prefix = schema.environment_name("");
  for (const std::string& entry : environment) {
    if (entry.compare(0, prefix.size(), prefix) != 0) continue;
    const std::string name = entry.substr(0, entry.find('='));
    if (std::find(other_variables.begin(), other_variables.end(), name) != other_variables.end()) continue;
    const auto& all = schema.settings();
    const auto setting =
        std::find_if(all.begin(), all.end(), [&](const Setting& s) { return schema.environment_name(s.key) == name; });
    if (setting == all.end()) throw SettingsError("environment: " + name + ": no such setting");
    set(*setting, std::string_view(entry).substr(std::min(entry.size(), name.size() + 1)), "environment " + name);
  }
}

void Settings::set(const Setting& setting, std::string_view text, const std::string& where) {
  Value value{setting.type, std::string(text), 0, true};
  switch (setting.type) {
    case SettingType::text: check_choice(setting, text, where); break;
    case SettingType::integer: value.integer = parse_integer(setting, text, where); break;
    case SettingType::boolean:
      if (text != "true" && text != "false") refuse(where, setting, text, "true or false");
      value.integer = text == "true";
      break;
  }
  values_.insert_or_assign(setting.key, std::move(value));
}

const Settings::Value& Settings::value(std::string_view key, SettingType type) const {
  const auto found = values_.find(key);
  if (found == values_.end() || found->second.type != type) {
    throw std::logic_error("no setting of this type: " + std::string(key));
  }
  return found->second;
}

const std::string& Settings::text(std::string_view key) const {
  return value(key, SettingType::text).text;
}

std::int64_t Settings::integer(std::string_view key) const {
  return value(key, SettingType::integer).integer;
}

bool Settings::boolean(std::string_view key) const {
  return value(key, SettingType::boolean).integer != 0;
}

bool Settings::given(std::string_view key) const {
  const auto found = values_.find(key);
  return found != values_.end() && found->second.given;
}

std::vector<std::string> process_environment() {
  std::vector<std::string> out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) out.emplace_back(*entry);
  return out;
}

std::string secret_setting(const Settings& settings, const std::string& key) {
  const std::string& path = settings.text(key + "_file");
  if (path.empty()) return settings.text(key);
  if (settings.given(key)) throw SettingsError(key + " and " + key + "_file are both set: keep one of them");
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line) || line.empty()) {
    throw SettingsError(key + "_file: " + path + " cannot be read or its first line is empty");
  }
  return line;
}

}  // namespace tributary
