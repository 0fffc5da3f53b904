#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "core/snapshot/build_context.h"

namespace tributary {

// Writes the landers of streams, each lander once.
class LandersBuilder {
 public:
  explicit LandersBuilder(BuildContext& context);

  struct Written {
    FbsTables<fbs::StreamLander> items;  // null: the stream has none
    flatbuffers::Offset<flatbuffers::Vector<std::uint16_t>> schedule;
  };
  // `entity` names the stream where something is wrong with it.
  Written write(const model::Stream& stream, const std::function<std::string()>& entity);

 private:
  struct KnownLander {
    const model::Lander* model = nullptr;
    flatbuffers::Offset<fbs::Lander> offset;
  };

  flatbuffers::Offset<fbs::Lander> write_lander(KnownLander& lander);

  BuildContext& context_;
  std::unordered_map<std::uint32_t, KnownLander> landers_;
};

}  // namespace tributary
