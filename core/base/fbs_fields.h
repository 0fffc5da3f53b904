#pragma once

#include <string_view>

#include "core/base/hash_index.h"
#include "schema/snapshot_generated.h"

// Fields of a verified snapshot's tables as views; an absent field is an empty view. They live as long as the snapshot.
namespace tributary {

inline std::string_view text_of(const flatbuffers::String* text) noexcept {
  return text == nullptr ? std::string_view() : std::string_view(text->data(), text->size());
}

inline SnapshotIndex index_of(const flatbuffers::Vector<const fbs::IndexSlot*>* slots) noexcept {
  static_assert(sizeof(fbs::IndexSlot) == sizeof(SnapshotIndexSlot) && FLATBUFFERS_LITTLEENDIAN);
  if (slots == nullptr) {
    return {};
  }
  return SnapshotIndex({reinterpret_cast<const SnapshotIndexSlot*>(slots->Data()), slots->size()});
}

}  // namespace tributary
