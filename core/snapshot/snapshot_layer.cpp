#include "core/snapshot/snapshot_layer.h"

#include <utility>

namespace tributary {
namespace {

// What a click needs of a campaign was written just before it and so lies behind it. Asked for at once, these lines
// cost little more than one of them does.
void prefetch_document(const fbs::Campaign* campaign) noexcept {
  constexpr std::size_t kLine = 64;
  constexpr std::size_t kLines = 8;
  for (std::size_t i = 0; i < kLines; ++i) {
    prefetch(reinterpret_cast<const char*>(campaign) + i * kLine);
  }
}

}  // namespace

std::optional<SnapshotHeader> read_snapshot_header(std::span<const std::uint8_t> bytes) noexcept {
  using fbs::Snapshot;
  using flatbuffers::Table;
  if (bytes.size() < 16 || bytes.size() >= FLATBUFFERS_MAX_BUFFER_SIZE ||
      !flatbuffers::BufferHasIdentifier(bytes.data(), fbs::SnapshotIdentifier())) {
    return std::nullopt;
  }
  flatbuffers::Verifier verifier(bytes.data(), bytes.size());
  const auto offset = verifier.VerifyOffset(0);
  if (offset == 0) {
    return std::nullopt;
  }
  const auto* table = reinterpret_cast<const Table*>(bytes.data() + offset);
  const auto numbers_fit = [&] {
    return table->VerifyTableStart(verifier) && table->VerifyField<std::uint32_t>(verifier, Snapshot::VT_FORMAT, 4) &&
           table->VerifyField<std::uint32_t>(verifier, Snapshot::VT_EPOCH, 4) &&
           table->VerifyField<std::uint64_t>(verifier, Snapshot::VT_COUNTER, 8) &&
           table->VerifyField<std::uint32_t>(verifier, Snapshot::VT_BASE_EPOCH, 4) &&
           table->VerifyField<std::uint64_t>(verifier, Snapshot::VT_BASE_COUNTER, 8);
  };
  if (!numbers_fit()) {
    return std::nullopt;
  }
  const auto generation = [&](flatbuffers::voffset_t epoch, flatbuffers::voffset_t counter) {
    const auto value = table->GetField<std::uint32_t>(epoch, 0);
    return value > UINT16_MAX
               ? Generation{UINT16_MAX, UINT64_MAX}
               : Generation{static_cast<std::uint16_t>(value), table->GetField<std::uint64_t>(counter, 0)};
  };
  return SnapshotHeader{table->GetField<std::uint32_t>(Snapshot::VT_FORMAT, 0),
                        generation(Snapshot::VT_EPOCH, Snapshot::VT_COUNTER),
                        generation(Snapshot::VT_BASE_EPOCH, Snapshot::VT_BASE_COUNTER)};
}

SnapshotLayer::SnapshotLayer(const fbs::Snapshot* root) noexcept
    : root_(root),
      campaigns_(root->campaigns()),
      networks_(root->networks()),
      campaign_by_name_(index_of(root->campaign_by_name())),
      campaign_by_id_(index_of(root->campaign_by_id())),
      network_by_key_(index_of(root->network_by_key())),
      network_by_id_(index_of(root->network_by_id())),
      link_by_code_(index_of(root->link_by_code())),
      partner_by_id_(index_of(root->partner_by_id())) {}

const fbs::Campaign* SnapshotLayer::campaign(std::uint64_t hash, std::string_view host,
                                             std::string_view slug) const noexcept {
  const std::uint32_t place = campaign_by_name_.find(hash, [&](std::uint32_t candidate) {
    const fbs::Campaign* campaign = campaign_at(candidate);
    return text_of(campaign->slug()) == slug && text_of(campaign->host()) == host;
  });
  return place == 0 ? nullptr : campaign_at(place);
}

void SnapshotLayer::prefetch_record(std::uint64_t hash) const noexcept {
  campaign_by_name_.find(hash, [&](std::uint32_t candidate) {
    prefetch_document(campaign_at(candidate));
    return true;
  });
}

const fbs::Campaign* SnapshotLayer::campaign(std::uint32_t id) const noexcept {
  const std::uint32_t ordinal = campaign_by_id_.find(
      id_hash(id), [&](std::uint32_t candidate) { return campaigns_->Get(candidate - 1)->id() == id; });
  return ordinal == 0 ? nullptr : campaigns_->Get(ordinal - 1);
}

const fbs::Network* SnapshotLayer::network(std::string_view key) const noexcept {
  const std::uint32_t ordinal = network_by_key_.find(
      text_hash(key), [&](std::uint32_t candidate) { return text_of(networks_->Get(candidate - 1)->key()) == key; });
  return ordinal == 0 ? nullptr : networks_->Get(ordinal - 1);
}

const fbs::Network* SnapshotLayer::network(std::uint32_t id) const noexcept {
  const std::uint32_t ordinal = network_by_id_.find(
      id_hash(id), [&](std::uint32_t candidate) { return networks_->Get(candidate - 1)->id() == id; });
  return ordinal == 0 ? nullptr : networks_->Get(ordinal - 1);
}

const fbs::Link* SnapshotLayer::link(std::string_view code) const noexcept {
  const auto* links = root_->links();
  const std::uint32_t ordinal = link_by_code_.find(
      text_hash(code), [&](std::uint32_t candidate) { return text_of(links->Get(candidate - 1)->code()) == code; });
  return ordinal == 0 ? nullptr : links->Get(ordinal - 1);
}

const fbs::Partner* SnapshotLayer::partner(std::uint32_t id) const noexcept {
  const auto* partners = root_->partners();
  const std::uint32_t ordinal = partner_by_id_.find(
      id_hash(id), [&](std::uint32_t candidate) { return partners->Get(candidate - 1)->id() == id; });
  return ordinal == 0 ? nullptr : partners->Get(ordinal - 1);
}

const fbs::Rotation* SnapshotLayer::rotation(std::uint32_t id) const noexcept {
  return root_->rotations() == nullptr ? nullptr : root_->rotations()->LookupByKey(id);
}

const fbs::Team* SnapshotLayer::team(std::uint64_t high, std::uint64_t low) const noexcept {
  const auto* teams = root_->teams();
  const auto wanted = std::pair(high, low);
  std::uint32_t first = 0;
  std::uint32_t last = teams == nullptr ? 0 : teams->size();
  while (first < last) {
    const std::uint32_t middle = first + (last - first) / 2;
    const fbs::Team* team = teams->Get(middle);
    const auto id = std::pair(team->id()->high(), team->id()->low());
    if (id == wanted) {
      return team;
    }
    if (id < wanted) {
      first = middle + 1;
    } else {
      last = middle;
    }
  }
  return nullptr;
}

}  // namespace tributary
