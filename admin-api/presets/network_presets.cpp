#include <boost/json/array.hpp>
#include <filesystem>

#include "admin-api/presets/presets.h"
#include "admin-api/resources/resource.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

// {field, names, macro}: what the network calls it, the first of the names with the macro in the URL that it gets. What
// it pays is also what is earned.
void add_parameter(const json::object& parameter, json::array& mappings, std::string& suffix) {
  require_known(parameter, {"field", "names", "macro"});
  const auto field = text_of(parameter, "field");
  const auto& names = parameter.at("names").as_array();
  mappings.push_back(json::object{{"field", field}, {"names", names}});
  if (field == "payout") mappings.push_back(json::object{{"field", "revenue"}, {"names", names}});
  const auto macro = text_of(parameter, "macro");
  if (!macro.empty()) append_parameter(suffix, std::string(names.at(0).as_string()), macro);
}

Preset preset_from(const std::string& name, const json::object& file) {
  require_known(file, {"title", "kind", "evidence", "note", "click_parameter", "currency", "default_status", "envelope",
                       "parameters", "statuses"});
  json::array mappings;
  std::string suffix;
  for (const auto& item : file.at("parameters").as_array()) add_parameter(item.as_object(), mappings, suffix);
  Preset preset;
  preset.values = {{"name", file.at("title")}, {"parameters", mappings}};
  for (const auto* field : {"currency", "default_status", "envelope", "statuses"}) {
    if (const auto* value = file.if_contains(field)) preset.values[field] = *value;
  }
  auto whole = preset.values;
  whole["key"] = "checked";
  validate(network_resource(), whole, true);
  preset.shown = {{"preset", name},
                  {"title", file.at("title")},
                  {"kind", file.at("kind")},
                  {"evidence", file.at("evidence")},
                  {"note", text_of(file, "note")},
                  {"click_parameter", text_of(file, "click_parameter")},
                  {"postback_suffix", suffix},
                  {"parameters", mappings},
                  {"statuses", preset.values.contains("statuses") ? preset.values.at("statuses") : json::object()},
                  {"default_status", file.contains("default_status") ? file.at("default_status") : "sale"},
                  {"currency", file.contains("currency") ? file.at("currency") : nullptr},
                  {"envelope", file.contains("envelope") ? file.at("envelope") : "none"}};
  return preset;
}

}  // namespace

Presets load_network_presets(const std::string& presets_path) {
  const auto directory = presets_path + "/networks";
  const bool none = presets_path.empty() || !std::filesystem::exists(directory);
  return none ? Presets() : Presets::load(directory, preset_from);
}

}  // namespace tributary::admin
