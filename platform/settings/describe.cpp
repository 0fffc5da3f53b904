#include "platform/settings/settings.h"

namespace tributary {
namespace {

std::string section_of(const std::string& key) {
  const std::size_t dot = key.find('.');
  return dot == std::string::npos ? std::string() : key.substr(0, dot);
}

std::string written(const Setting& setting) {
  if (setting.type != SettingType::text) return setting.default_value;
  return "\"" + setting.default_value + "\"";
}

std::string limits(const Setting& setting) {
  if (setting.type == SettingType::integer) {
    return " [" + std::to_string(setting.min) + " to " + std::to_string(setting.max) + "]";
  }
  std::string out;
  for (const std::string& choice : setting.choices) out += (out.empty() ? " [" : ", ") + choice;
  return out.empty() ? out : out + "]";
}

}  // namespace

std::string describe_settings(const SettingsSchema& schema) {
  std::string out;
  std::string section;
  for (const Setting& setting : schema.settings()) {
    const std::string own = section_of(setting.key);
    if (own != section) out += own.empty() ? "\n" : "\n" + own + ":\n";
    section = own;
    const std::string indent = own.empty() ? "" : "  ";
    const std::string name = own.empty() ? setting.key : setting.key.substr(own.size() + 1);
    out += indent + "# " + setting.doc + limits(setting) + "\n";
    out += indent + "# environment: " + schema.environment_name(setting.key) + "\n";
    out += indent + name + ": " + written(setting) + "\n";
  }
  return out;
}

}  // namespace tributary
