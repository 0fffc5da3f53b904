#pragma once

#include <string>

#include "schema/snapshot_generated.h"

namespace tributary {

// Checks the meaning of every record whose structure is sound: numbers in range, texts plain, references of indexes,
// schedules and templates inside their vectors, every record found by its own keys. Returns the first thing that is
// wrong, empty when there is none.
std::string verify_records(const fbs::Snapshot& root);

}  // namespace tributary
