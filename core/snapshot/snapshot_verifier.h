#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/snapshot/snapshot_layer.h"
#include "core/snapshot/snapshot_view.h"

// Decides whether bytes from anywhere may be used in place. After it, look-ups need no checks.
namespace tributary {

// The whole file: FlatBuffers structure, format, header, every index, template, schedule, text, key and secret.
// `bytes` must be 8-byte aligned. Returns what is wrong, nothing when all is well.
std::optional<SnapshotError> verify_snapshot(std::span<const std::uint8_t> bytes);

// That `delta` belongs to `base` and hides every name and key that it takes away. Both are verified.
std::optional<SnapshotError> verify_layers(const SnapshotLayer& base, const SnapshotLayer& delta);

}  // namespace tributary
