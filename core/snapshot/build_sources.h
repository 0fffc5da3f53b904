#pragma once

#include <unordered_map>

#include "core/snapshot/build_context.h"

namespace tributary {

// Writes the names of a traffic source where its first campaign needs them; the others share them.
class SourcesBuilder {
 public:
  explicit SourcesBuilder(BuildContext& context);

  // Null for 0 and for a source without names of its own.
  flatbuffers::Offset<fbs::Source> write(std::uint32_t id);

 private:
  flatbuffers::Offset<fbs::Source> write(const model::Source& source);

  BuildContext& context_;
  std::unordered_map<std::uint32_t, const model::Source*> known_;
  std::unordered_map<std::uint32_t, flatbuffers::Offset<fbs::Source>> written_;
};

}  // namespace tributary
