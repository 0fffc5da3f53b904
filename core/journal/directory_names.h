#pragma once

#include <string>
#include <vector>

#include "core/journal/format.h"

namespace tributary {

// The names in `path`, sorted, without "." and "..". Returns 0 or an errno; a directory that is not there is empty.
int list_directory(const std::string& path, std::vector<std::string>& names);

// Removes the temporary files that a dead life of `id` left in `directory`.
void remove_temporaries(const std::string& directory, const JournalId& id);

}  // namespace tributary
