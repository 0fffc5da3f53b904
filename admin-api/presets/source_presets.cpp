#include "admin-api/presets/source_presets.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "admin-api/json/yaml_json.h"
#include "admin-api/resources/resource.h"
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

// What the ad platform fills in, and what it appends by itself, have an alias each; only the first is in the suffix.
void add_parameter(const json::object& parameter, json::object& aliases, std::string& suffix) {
  require_known(parameter, {"name", "macro", "field"});
  const auto name = text_of(parameter, "name");
  const auto macro = text_of(parameter, "macro");
  auto& names = aliases.emplace(text_of(parameter, "field"), json::array()).first->value().as_array();
  names.emplace_back(name);
  if (macro.empty()) return;
  suffix += (suffix.empty() ? "" : "&") + name + "=" + macro;
}

SourcePreset preset_from(const std::string& name, const json::object& file) {
  require_known(file, {"title", "evidence", "note", "cost_model", "currency", "parameters"});
  json::object aliases;
  std::string suffix;
  for (const auto& item : file.at("parameters").as_array()) add_parameter(item.as_object(), aliases, suffix);
  SourcePreset preset;
  preset.values = {{"name", file.at("title")}, {"aliases", aliases}, {"tracking_suffix", suffix}};
  for (const auto* field : {"cost_model", "currency"}) {
    if (const auto* value = file.if_contains(field)) preset.values[field] = *value;
  }
  validate(source_resource(), preset.values, true);
  preset.shown = {{"preset", name},
                  {"title", file.at("title")},
                  {"evidence", file.at("evidence")},
                  {"note", text_of(file, "note")},
                  {"aliases", aliases},
                  {"tracking_suffix", suffix},
                  {"cost_model", preset.values.contains("cost_model") ? preset.values.at("cost_model") : nullptr},
                  {"currency", preset.values.contains("currency") ? preset.values.at("currency") : nullptr}};
  return preset;
}

std::string reason_of(const std::exception& error) {
  const auto* api = dynamic_cast<const ApiError*>(&error);
  if (api == nullptr || api->fields().empty()) return error.what();
  return api->fields().front().field + " " + api->fields().front().reason;
}

}  // namespace

SourcePresets SourcePresets::load(const std::string& presets_path) {
  SourcePresets presets;
  if (presets_path.empty()) return presets;
  const auto directory = fs::path(presets_path) / "sources";
  std::error_code error;
  for (const auto& file : fs::directory_iterator(directory, error)) {
    if (file.path().extension() != ".yaml") continue;
    const auto name = file.path().stem().string();
    try {
      presets.presets_.emplace(name, preset_from(name, json::parse(yaml_to_json(read_file(file))).as_object()));
    } catch (const std::exception& bad) {
      throw SettingsError("presets_path: " + file.path().string() + ": " + reason_of(bad));
    }
  }
  if (error) throw SettingsError("presets_path: " + directory.string() + ": " + error.message());
  return presets;
}

const SourcePreset* SourcePresets::find(const std::string& name) const noexcept {
  const auto found = presets_.find(name);
  return found == presets_.end() ? nullptr : &found->second;
}

}  // namespace tributary::admin
