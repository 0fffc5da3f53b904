#pragma once

#include <string>

namespace tributary {

// Whether somebody holds the flock of a file: the life that writes a ring or a segment does, whatever has become of the
// rest. False when the file cannot be opened. For a moment the caller has the lock itself.
bool is_locked(const std::string& path) noexcept;

}  // namespace tributary
