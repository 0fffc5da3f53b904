#pragma once

#include <unordered_map>

#include "core/snapshot/build_context.h"

namespace tributary {

// Writes what a traffic source says of clicks where its first campaign needs it; the others share it.
class SourcesBuilder {
 public:
  explicit SourcesBuilder(BuildContext& context);

  // Null for 0 and for a source without names and currency of its own.
  flatbuffers::Offset<fbs::Source> write(std::uint32_t id);

 private:
  flatbuffers::Offset<fbs::Source> write(const model::Source& source);

  BuildContext& context_;
  std::unordered_map<std::uint32_t, const model::Source*> known_;
  std::unordered_map<std::uint32_t, flatbuffers::Offset<fbs::Source>> written_;
};

}  // namespace tributary
