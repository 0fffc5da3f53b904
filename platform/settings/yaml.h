#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tributary {

// One value of a settings file under its dotted key.
struct YamlScalar {
  std::string key;
  std::string value;
  bool quoted = false;
  bool is_null = false;   // nothing, or ~, or null without quotes
  std::string key_where;  // FILE:LINE:COLUMN of the key
  std::string where;      // ... and of the value
};

// The subset of YAML that settings need: nested mappings of scalars, one document. Duplicate keys, aliases, anchors,
// tags, sequences, keys that are not plain words and input beyond 1 MiB or 8 levels are refused by a SettingsError.
std::vector<YamlScalar> read_yaml_scalars(std::string_view text, const std::string& name);

}  // namespace tributary
