#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <string>

// Presets of traffic sources: what the parameters of well-known ad platforms mean. One YAML file each, named after the
// preset; the directory is `presets_path`/sources. DOC: docs/sources.md
namespace tributary::admin {

struct SourcePreset {
  boost::json::object shown;   // as GET /api/v1/source-presets answers it
  boost::json::object values;  // fields of a source made from it
};

// Read once at the start, not changed after: safe for several threads.
class SourcePresets {
 public:
  // None where `presets_path` is empty. Throws SettingsError with file and reason.
  static SourcePresets load(const std::string& presets_path);

  // Null when there is none of this name. Lives as long as the presets.
  const SourcePreset* find(const std::string& name) const noexcept;
  const std::map<std::string, SourcePreset>& all() const noexcept { return presets_; }

 private:
  std::map<std::string, SourcePreset> presets_;
};

}  // namespace tributary::admin
