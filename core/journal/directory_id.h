#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/journal/format.h"

namespace tributary {

// Which directory of journals this is, wherever it is mounted; a uuid like that of a journal.
using DirectoryId = JournalId;

// The file in a directory of journals that holds its id. `rm *` leaves it.
inline constexpr std::string_view kDirectoryIdName = ".directory-id";

// The id of `journal_path`, made when it has none yet; nothing when it can be neither read nor made.
std::optional<DirectoryId> directory_id(const std::string& journal_path);

}  // namespace tributary
