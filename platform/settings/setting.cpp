#include "platform/settings/setting.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace tributary {
namespace {

std::string upper(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '.') {
      out += "__";
    } else {
      out += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

}  // namespace

SettingsSchema::SettingsSchema(std::string program, std::vector<Setting> settings)
    : program_(std::move(program)), settings_(std::move(settings)) {}

const Setting* SettingsSchema::find(std::string_view key) const noexcept {
  const auto found = std::find_if(settings_.begin(), settings_.end(), [&](const Setting& s) { return s.key == key; });
  return found == settings_.end() ? nullptr : &*found;
}

bool SettingsSchema::is_section(std::string_view key) const noexcept {
  return std::any_of(settings_.begin(), settings_.end(), [&](const Setting& s) {
    return s.key.size() > key.size() && s.key.compare(0, key.size(), key) == 0 && s.key[key.size()] == '.';
  });
}

std::string SettingsSchema::environment_name(std::string_view key) const {
  return "TRIBUTARY_" + upper(program_) + "_" + upper(key);
}

}  // namespace tributary
