#pragma once

#include "core/event/event.h"
#include "core/snapshot/snapshot_view.h"
#include "schema/snapshot_generated.h"

namespace tributary {

// A click of another team is evidence of a mix-up, not a conversion.
inline bool is_foreign_click(const SnapshotView& snapshot, const fbs::Network& network,
                             const ClickIdentity& click) noexcept {
  if (click.empty()) return false;
  const fbs::Campaign* campaign = snapshot.find_campaign(unpack_click_id(click).campaign);
  if (campaign == nullptr) return false;
  return campaign->team()->high() != network.team()->high() || campaign->team()->low() != network.team()->low();
}

}  // namespace tributary
