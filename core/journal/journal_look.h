#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/journal/format.h"
#include "core/journal/journal_item.h"

// What a journal holds on disk, read beside its reader: takes no right to read, changes nothing, moves no progress.
namespace tributary {

enum class JournalLook : std::uint8_t {
  whole,      // everything from the position to the end was handed over
  live,       // its worker lives: nothing was read
  unsettled,  // its ring waits to be flushed, another worker still writes it, or the disk did not answer: try again
  released,   // segments behind the position are gone: stored and removed meanwhile
};

// Hands over the items from `from` on. After any answer but `whole`, what was handed over is not all of it.
JournalLook look_at_journal(const std::string& journal_path, const std::string& run_path, const JournalId& id,
                            Position from, const std::function<void(const JournalItem&)>& use);

}  // namespace tributary
