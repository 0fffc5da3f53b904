#pragma once

#include <string>

namespace tributary::admin {

// The YAML of our own files (no anchors, no tags) as JSON. Throws std::runtime_error with line and column.
std::string yaml_to_json(const std::string& yaml);

}  // namespace tributary::admin
