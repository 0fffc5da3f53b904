#include "admin-api/presets/presets.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "admin-api/api/problem.h"
#include "admin-api/json/yaml_json.h"
#include "platform/settings/settings.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw std::runtime_error("cannot be read");
  return text.str();
}

std::string reason_of(const std::exception& error) {
  const auto* api = dynamic_cast<const ApiError*>(&error);
  if (api == nullptr || api->fields().empty()) return error.what();
  return api->fields().front().field + " " + api->fields().front().reason;
}

}  // namespace

Presets Presets::load(const std::string& directory, Preset (*make)(const std::string&, const json::object&)) {
  Presets presets;
  std::error_code error;
  for (const auto& file : fs::directory_iterator(directory, error)) {
    if (file.path().extension() != ".yaml") continue;
    const auto name = file.path().stem().string();
    try {
      presets.presets_.emplace(name, make(name, json::parse(yaml_to_json(read_file(file))).as_object()));
    } catch (const std::exception& bad) {
      throw SettingsError("presets_path: " + file.path().string() + ": " + reason_of(bad));
    }
  }
  if (error) throw SettingsError("presets_path: " + directory + ": " + error.message());
  return presets;
}

const Preset* Presets::find(const std::string& name) const noexcept {
  const auto found = presets_.find(name);
  return found == presets_.end() ? nullptr : &found->second;
}

void take_preset(const Presets& presets, json::object& body, const std::string& path) {
  const auto* name = body.if_contains("preset");
  if (name == nullptr || !name->is_string()) return;
  const auto* preset = presets.find(std::string(name->get_string()));
  if (preset == nullptr) throw invalid_field("preset", "is not one of GET " + path);
  for (const auto& item : preset->values) body.emplace(item.key(), item.value());
}

std::string text_of(const json::object& object, std::string_view member) {
  const auto* value = object.if_contains(member);
  return value == nullptr ? std::string() : json::value_to<std::string>(*value);
}

void require_known(const json::object& object, std::initializer_list<std::string_view> members) {
  for (const auto& item : object) {
    if (std::find(members.begin(), members.end(), item.key()) == members.end()) {
      throw std::runtime_error("unknown key " + std::string(item.key()));
    }
  }
}

void append_parameter(std::string& suffix, const std::string& name, const std::string& macro) {
  suffix += (suffix.empty() ? "" : "&") + name + "=" + macro;
}

}  // namespace tributary::admin
