#include <boost/json/array.hpp>

#include "admin-api/presets/presets.h"
#include "admin-api/resources/resource.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

// What the ad platform fills in, and what it appends by itself, have an alias each; only the first is in the suffix.
void add_parameter(const json::object& parameter, json::object& aliases, std::string& suffix) {
  require_known(parameter, {"name", "macro", "field"});
  const auto name = text_of(parameter, "name");
  const auto macro = text_of(parameter, "macro");
  auto& names = aliases.emplace(text_of(parameter, "field"), json::array()).first->value().as_array();
  names.emplace_back(name);
  if (!macro.empty()) append_parameter(suffix, name, macro);
}

Preset preset_from(const std::string& name, const json::object& file) {
  require_known(file, {"title", "evidence", "note", "cost_model", "currency", "parameters"});
  json::object aliases;
  std::string suffix;
  for (const auto& item : file.at("parameters").as_array()) add_parameter(item.as_object(), aliases, suffix);
  Preset preset;
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

}  // namespace

Presets load_source_presets(const std::string& presets_path) {
  return presets_path.empty() ? Presets() : Presets::load(presets_path + "/sources", preset_from);
}

}  // namespace tributary::admin
