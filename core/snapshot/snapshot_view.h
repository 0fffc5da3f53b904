#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/generation.h"
#include "core/base/result.h"
#include "core/click_id/click_id.h"

namespace tributary::fbs {
struct Advertiser;
struct Campaign;
struct EventKey;
struct Link;
struct Network;
struct Partner;
struct Rotation;
struct Snapshot;
struct UrlTemplate;
struct Uuid;
}  // namespace tributary::fbs

namespace tributary {

struct SnapshotError {
  enum class Code : std::uint8_t { malformed, wrong_format, out_of_bounds, wrong_base, io, too_large } code;
  std::string message;  // says what is wrong, for the answer to a push and the log
};

// What a click asks for, with the hashes under which it is looked up.
struct CampaignName {
  CampaignName() = default;
  // Host must be lower case without port. Both must live as long as the name.
  CampaignName(std::string_view of_host, std::string_view of_slug) noexcept;

  std::string_view host;
  std::string_view slug;
  std::uint64_t own_hash = 0;  // of (host, slug)
  std::uint64_t any_hash = 0;  // of slug on any host
};

// One published configuration: a base file and optionally a delta over it, mapped read-only.
//
// Thread-safety: immutable after loading; look-ups from any thread, noexcept, no allocation. No pointer into the view
// may outlive the handler call that asked for it: the mapping is swapped between events.
class SnapshotView {
 public:
  // Verifies everything: FlatBuffers structure, format range, every index slot, ordinal, template part and schedule
  // entry against its bounds. After that look-ups need no checks. `bytes` must outlive the view and be 8-byte aligned.
  static Result<std::unique_ptr<SnapshotView>, SnapshotError> over(std::span<const std::uint8_t> base,
                                                                   std::span<const std::uint8_t> delta = {});
  // Maps `<dir>/<epoch>-<counter>.snapshot` and, if that is a delta, the base it names. Trusts nothing in the files
  // unless `verified` (they were verified when published and are root-owned 0600 on this host).
  static Result<std::unique_ptr<SnapshotView>, SnapshotError> load(const std::string& dir, Generation generation,
                                                                   bool verified);
  ~SnapshotView();

  Generation generation() const noexcept;
  // When the configuration became this generation. Two databases may reach the same generation, not at the same time.
  std::uint64_t created_ms() const noexcept;

  // nullptr when there is none (or it was deleted by the delta). Looks for (host, slug), then for slug on any host.
  const fbs::Campaign* find_campaign(const CampaignName& name) const noexcept;
  const fbs::Campaign* find_campaign(std::string_view host, std::string_view slug) const noexcept {
    return find_campaign(CampaignName(host, slug));
  }
  // The campaign that a visitor of `name` reaches: `found` (by find_campaign), unless its host belongs to a team. Then
  // only a campaign of that team, and where the request names none, the default one of the host.
  const fbs::Campaign* on_own_domain(const CampaignName& name, const fbs::Campaign* found) const noexcept;
  bool has_domains() const noexcept;
  // Whether records of a team are reached on a host: on any that is no domain, and on the active ones of the team.
  bool serves_team(std::string_view host, const fbs::Uuid& team) const noexcept;
  // Fetch what find_campaign will read, first the slots of the index, then, once those have arrived, the record.
  // Between the calls is the time to do something else. Neither is needed.
  void prefetch_slots(const CampaignName& name) const noexcept;
  void prefetch_record(const CampaignName& name) const noexcept;
  const fbs::Campaign* find_campaign(std::uint32_t id) const noexcept;
  const fbs::Network* find_network(std::string_view key) const noexcept;
  const fbs::Network* find_network(std::uint32_t id) const noexcept;
  const fbs::Link* find_link(std::string_view code) const noexcept;
  const fbs::Partner* find_partner(std::uint32_t id) const noexcept;
  // `sha256` has 32 bytes.
  const fbs::EventKey* find_event_key(std::span<const std::uint8_t> sha256) const noexcept;
  const fbs::Advertiser* find_advertiser(std::uint32_t id) const noexcept;
  const fbs::Rotation* find_rotation(std::uint32_t id) const noexcept;

  const ClickIdKeyring& click_keys() const noexcept;
  const fbs::UrlTemplate* team_trafficback(std::uint64_t team_high, std::uint64_t team_low) const noexcept;
  const fbs::UrlTemplate* global_trafficback() const noexcept;
  std::uint32_t rotation_slots() const noexcept;
  std::uint32_t cap_slots() const noexcept;
  std::size_t campaign_count() const noexcept;
  // Every campaign, in the base before the delta, so that of a changed one the later call counts. Not for clicks.
  void each_campaign(const std::function<void(const fbs::Campaign&)>& use) const;
  std::size_t byte_size() const noexcept;

 private:
  struct Impl;
  explicit SnapshotView(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tributary
