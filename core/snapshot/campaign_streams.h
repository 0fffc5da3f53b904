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

}  // namespace tributary
