#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/base/fbs_fields.h"
#include "core/base/generation.h"

namespace tributary {

// What a file says about itself.
struct SnapshotHeader {
  std::uint32_t format = 0;
  Generation generation;
  Generation base;  // empty: a base file
  bool is_delta() const noexcept { return base != Generation{}; }
};

// Reads the header of untrusted bytes without looking at the rest. Nothing when they are not a snapshot.
std::optional<SnapshotHeader> read_snapshot_header(std::span<const std::uint8_t> bytes) noexcept;

// One verified file. Finds records of any state: Deleted ones too. Views only; the mapping owns everything.
class SnapshotLayer {
 public:
  SnapshotLayer() = default;
  explicit SnapshotLayer(const fbs::Snapshot* root) noexcept;

  bool empty() const noexcept { return root_ == nullptr; }
  const fbs::Snapshot& root() const noexcept { return *root_; }

  const fbs::Campaign* campaign(std::string_view host, std::string_view slug) const noexcept {
    return campaign(name_hash(host, slug), host, slug);
  }
  const fbs::Campaign* campaign(std::uint64_t hash, std::string_view host, std::string_view slug) const noexcept;
  // What campaign() will read: the slots of the index, then the record.
  void prefetch_slot(std::uint64_t hash) const noexcept { campaign_by_name_.prefetch(hash); }
  void prefetch_record(std::uint64_t hash) const noexcept;
  const fbs::Campaign* campaign(std::uint32_t id) const noexcept;
  const fbs::Network* network(std::string_view key) const noexcept;
  const fbs::Network* network(std::uint32_t id) const noexcept;
  const fbs::Link* link(std::string_view code) const noexcept;
  const fbs::Partner* partner(std::uint32_t id) const noexcept;
  const fbs::Rotation* rotation(std::uint32_t id) const noexcept;
  const fbs::Team* team(std::uint64_t high, std::uint64_t low) const noexcept;

 private:
  const fbs::Campaign* campaign_at(std::uint32_t place) const noexcept {
    return reinterpret_cast<const fbs::Campaign*>(campaigns_->Data() + place);
  }

  const fbs::Snapshot* root_ = nullptr;
  const flatbuffers::Vector<flatbuffers::Offset<fbs::Campaign>>* campaigns_ = nullptr;
  const flatbuffers::Vector<flatbuffers::Offset<fbs::Network>>* networks_ = nullptr;
  SnapshotIndex campaign_by_name_;
  SnapshotIndex campaign_by_id_;
  SnapshotIndex network_by_key_;
  SnapshotIndex network_by_id_;
  SnapshotIndex link_by_code_;
  SnapshotIndex partner_by_id_;
};

}  // namespace tributary
