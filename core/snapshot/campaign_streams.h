#pragma once

#include "core/snapshot/snapshot_view.h"
#include "schema/snapshot_generated.h"

namespace tributary {

using Streams = flatbuffers::Vector<flatbuffers::Offset<fbs::Stream>>;

// The streams of a campaign: its own, or those of its rotation. Null where it has none. Live as long as the snapshot.
inline const Streams* streams_of(const SnapshotView& snapshot, const fbs::Campaign& campaign) noexcept {
  if (campaign.streams() != nullptr || campaign.rotation() == 0) [[likely]] {
    return campaign.streams();
  }
  const fbs::Rotation* rotation = snapshot.find_rotation(campaign.rotation());
  return rotation == nullptr ? nullptr : rotation->streams();
}

// That of them with this id; nullptr where none has it.
inline const fbs::Stream* find_stream(const SnapshotView& snapshot, const fbs::Campaign& campaign,
                                      std::uint32_t id) noexcept {
  const Streams* streams = streams_of(snapshot, campaign);
  for (std::uint32_t i = 0; streams != nullptr && i < streams->size(); ++i) {
    if (streams->Get(i)->id() == id) {
      return streams->Get(i);
    }
  }
  return nullptr;
}

}  // namespace tributary
