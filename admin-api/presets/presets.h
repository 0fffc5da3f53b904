#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <string>

// What is known of well-known ad platforms, networks and trackers, as a start for records of one's own. One YAML file
// each, named after the preset, in a directory of `presets_path` for each kind. DOC: docs/sources.md docs/postbacks.md
namespace tributary::admin {

struct Preset {
  boost::json::object shown;   // as the API lists it
  boost::json::object values;  // fields of a record made from it
};

// Read once at the start, not changed after: safe for several threads.
class Presets {
 public:
  // Null when there is none of this name. Lives as long as the presets.
  const Preset* find(const std::string& name) const noexcept;
  const std::map<std::string, Preset>& all() const noexcept { return presets_; }

  // Reads every file of a directory through `make`. Throws SettingsError with file and reason.
  static Presets load(const std::string& directory,
                      Preset (*make)(const std::string& name, const boost::json::object& file));

 private:
  std::map<std::string, Preset> presets_;
};

// None where `presets_path` is empty. Networks may be missing in a directory that was made before there were any.
Presets load_source_presets(const std::string& presets_path);
Presets load_network_presets(const std::string& presets_path);

// For complete_new: what a body with `preset` does not say is as the preset has it.
void take_preset(const Presets& presets, boost::json::object& body, const std::string& path);

// Of a preset file.
std::string text_of(const boost::json::object& object, std::string_view member);  // empty when it is not there
void require_known(const boost::json::object& object, std::initializer_list<std::string_view> members);
// Puts `name=macro` behind what is there.
void append_parameter(std::string& suffix, const std::string& name, const std::string& macro);

}  // namespace tributary::admin
