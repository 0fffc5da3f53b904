#include "core/snapshot/snapshot_view.h"

#include <algorithm>
#include <cstring>

#include "core/snapshot/format.h"
#include "core/snapshot/snapshot_file.h"
#include "core/snapshot/snapshot_layer.h"
#include "core/snapshot/snapshot_verifier.h"

namespace tributary {
namespace {

using Bytes = std::span<const std::uint8_t>;

void add_keys(const fbs::Snapshot& root, ClickIdKeyring& keyring) {
  if (root.click_keys() == nullptr) {
    return;
  }
  for (const fbs::ClickKey* stored : *root.click_keys()) {
    ClickIdKey key;
    key.id = stored->id();
    std::copy_n(stored->key()->data(), std::min<std::size_t>(stored->key()->size(), key.secret.size()),
                key.secret.begin());
    key.mint_from_ms = stored->mint_from_ms();
    key.valid_until_ms = stored->valid_until_ms();
    keyring.add(key);
  }
}

template <typename Record>
const Record* unless_deleted(const Record* record) noexcept {
  return record->state() == fbs::State::Deleted ? nullptr : record;
}

const fbs::Domain* find_domain(const flatbuffers::Vector<flatbuffers::Offset<fbs::Domain>>* domains,
                               std::string_view host) noexcept {
  std::uint32_t first = 0;
  std::uint32_t end = domains == nullptr ? 0 : domains->size();
  while (first < end) {
    const std::uint32_t middle = first + (end - first) / 2;
    const fbs::Domain* domain = domains->Get(middle);
    const int order = text_of(domain->host()).compare(host);
    if (order == 0) {
      return domain;
    }
    (order < 0 ? first : end) = order < 0 ? middle + 1 : middle;
  }
  return nullptr;
}

const fbs::EventKey* find_key(const flatbuffers::Vector<flatbuffers::Offset<fbs::EventKey>>* keys,
                              std::span<const std::uint8_t> sha256) noexcept {
  std::uint32_t first = 0;
  std::uint32_t end = keys == nullptr ? 0 : keys->size();
  while (first < end) {
    const std::uint32_t middle = first + (end - first) / 2;
    const fbs::EventKey* key = keys->Get(middle);
    const int order = std::memcmp(key->sha256()->data(), sha256.data(), kSecretHashBytes);
    if (order == 0) {
      return key;
    }
    (order < 0 ? first : end) = order < 0 ? middle + 1 : middle;
  }
  return nullptr;
}

bool is_reached(const fbs::Domain& domain, const fbs::Uuid& team) noexcept {
  return domain.active() && domain.team()->high() == team.high() && domain.team()->low() == team.low();
}

}  // namespace

struct SnapshotView::Impl {
  SnapshotFile base_file;  // empty when the bytes belong to the caller
  SnapshotFile delta_file;
  SnapshotLayer base;
  SnapshotLayer delta;  // empty without one
  ClickIdKeyring click_keys;
  Generation generation;
  std::size_t byte_size = 0;

  const fbs::Snapshot& newest() const noexcept { return delta.empty() ? base.root() : delta.root(); }

  // In the delta, else in the base.
  template <typename Find>
  auto find(Find&& find) const noexcept -> decltype(find(base)) {
    if (!delta.empty()) {
      if (const auto* record = find(delta)) {
        return unless_deleted(record);
      }
    }
    const auto* record = find(base);
    return record == nullptr ? nullptr : unless_deleted(record);
  }

  const fbs::Campaign* find_on_any_host(const CampaignName& name) const noexcept {
    return find([&](const SnapshotLayer& layer) { return layer.campaign(name.any_hash, {}, name.slug); });
  }

  static Result<std::unique_ptr<Impl>, SnapshotError> make(Bytes base_bytes, Bytes delta_bytes, bool verified) {
    auto impl = std::make_unique<Impl>();
    if (!verified) {
      if (auto error = verify_snapshot(base_bytes)) {
        return std::move(*error);
      }
    }
    impl->base = SnapshotLayer(fbs::GetSnapshot(base_bytes.data()));
    if (delta_bytes.empty()) {
      if (impl->base.root().base_counter() != 0) {
        return SnapshotError{SnapshotError::Code::wrong_base, "the file is a delta and its base is not given"};
      }
    } else {
      if (!verified) {
        if (auto error = verify_snapshot(delta_bytes)) {
          return std::move(*error);
        }
      }
      impl->delta = SnapshotLayer(fbs::GetSnapshot(delta_bytes.data()));
      if (!verified) {
        if (auto error = verify_layers(impl->base, impl->delta)) {
          return std::move(*error);
        }
      }
    }
    const fbs::Snapshot& newest = impl->newest();
    impl->generation = {static_cast<std::uint16_t>(newest.epoch()), newest.counter()};
    add_keys(newest, impl->click_keys);
    impl->byte_size = base_bytes.size() + delta_bytes.size();
    return impl;
  }
};

SnapshotView::SnapshotView(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
SnapshotView::~SnapshotView() = default;

Result<std::unique_ptr<SnapshotView>, SnapshotError> SnapshotView::over(Bytes base, Bytes delta) {
  auto impl = Impl::make(base, delta, false);
  if (!impl) {
    return impl.error();
  }
  return std::unique_ptr<SnapshotView>(new SnapshotView(std::move(impl).value()));
}

Result<std::unique_ptr<SnapshotView>, SnapshotError> SnapshotView::load(const std::string& dir, Generation generation,
                                                                        bool verified) {
  auto newest = SnapshotFile::open(dir, generation);
  if (!newest) {
    return newest.error();
  }
  if (!newest->header().is_delta()) {
    auto impl = Impl::make(newest->bytes(), {}, verified);
    if (!impl) {
      return impl.error();
    }
    impl.value()->base_file = std::move(newest).value();
    return std::unique_ptr<SnapshotView>(new SnapshotView(std::move(impl).value()));
  }
  auto base = SnapshotFile::open(dir, newest->header().base);
  if (!base) {
    return SnapshotError{SnapshotError::Code::wrong_base, "the base of the delta is missing: " + base.error().message};
  }
  auto impl = Impl::make(base->bytes(), newest->bytes(), verified);
  if (!impl) {
    return impl.error();
  }
  impl.value()->base_file = std::move(base).value();
  impl.value()->delta_file = std::move(newest).value();
  return std::unique_ptr<SnapshotView>(new SnapshotView(std::move(impl).value()));
}

Generation SnapshotView::generation() const noexcept {
  return impl_->generation;
}

std::uint64_t SnapshotView::created_ms() const noexcept {
  return impl_->newest().created_ms();
}

CampaignName::CampaignName(std::string_view of_host, std::string_view of_slug) noexcept
    : host(of_host), slug(of_slug), own_hash(name_hash(of_host, of_slug)), any_hash(name_hash({}, of_slug)) {}

// A delta is small: only the base is worth the trouble.
void SnapshotView::prefetch_slots(const CampaignName& name) const noexcept {
  impl_->base.prefetch_slot(name.own_hash);
  impl_->base.prefetch_slot(name.any_hash);
}

void SnapshotView::prefetch_record(const CampaignName& name) const noexcept {
  impl_->base.prefetch_record(name.own_hash);
  impl_->base.prefetch_record(name.any_hash);
}

const fbs::Campaign* SnapshotView::find_campaign(const CampaignName& name) const noexcept {
  const fbs::Campaign* own =
      impl_->find([&](const SnapshotLayer& layer) { return layer.campaign(name.own_hash, name.host, name.slug); });
  if (own != nullptr || name.host.empty()) {
    return own;
  }
  return impl_->find_on_any_host(name);
}

bool SnapshotView::has_domains() const noexcept {
  return impl_->newest().domains() != nullptr;
}

const fbs::Campaign* SnapshotView::on_own_domain(const CampaignName& name, const fbs::Campaign* found) const noexcept {
  const fbs::Domain* domain = find_domain(impl_->newest().domains(), name.host);
  if (domain == nullptr) {
    return found;
  }
  const auto reached = [domain](const fbs::Campaign* campaign) {
    return campaign != nullptr && is_reached(*domain, *campaign->team());
  };
  bool has_own_host = found != nullptr && text_of(found->host()) == name.host;
  if (has_own_host && !reached(found)) {  // whoever names the host of others hides nothing of theirs
    has_own_host = false;
    found = impl_->find_on_any_host(name);
  }
  if (name.slug.empty() && !has_own_host && domain->campaign() != 0) {
    found = find_campaign(domain->campaign());
  }
  return reached(found) ? found : nullptr;
}

bool SnapshotView::serves_team(std::string_view host, const fbs::Uuid& team) const noexcept {
  const fbs::Domain* domain = find_domain(impl_->newest().domains(), host);
  return domain == nullptr || is_reached(*domain, team);
}

const fbs::Campaign* SnapshotView::find_campaign(std::uint32_t id) const noexcept {
  return impl_->find([&](const SnapshotLayer& layer) { return layer.campaign(id); });
}

const fbs::Network* SnapshotView::find_network(std::string_view key) const noexcept {
  return impl_->find([&](const SnapshotLayer& layer) { return layer.network(key); });
}

const fbs::Network* SnapshotView::find_network(std::uint32_t id) const noexcept {
  return impl_->find([&](const SnapshotLayer& layer) { return layer.network(id); });
}

const fbs::Link* SnapshotView::find_link(std::string_view code) const noexcept {
  return impl_->find([&](const SnapshotLayer& layer) { return layer.link(code); });
}

const fbs::Partner* SnapshotView::find_partner(std::uint32_t id) const noexcept {
  return impl_->find([&](const SnapshotLayer& layer) { return layer.partner(id); });
}

const fbs::EventKey* SnapshotView::find_event_key(std::span<const std::uint8_t> sha256) const noexcept {
  return find_key(impl_->newest().event_keys(), sha256);
}

const fbs::Advertiser* SnapshotView::find_advertiser(std::uint32_t id) const noexcept {
  const auto* advertisers = impl_->newest().advertisers();
  return advertisers == nullptr ? nullptr : advertisers->LookupByKey(id);
}

const fbs::Rotation* SnapshotView::find_rotation(std::uint32_t id) const noexcept {
  const fbs::Rotation* changed = impl_->delta.empty() ? nullptr : impl_->delta.rotation(id);
  return changed != nullptr ? changed : impl_->base.rotation(id);
}

const ClickIdKeyring& SnapshotView::click_keys() const noexcept {
  return impl_->click_keys;
}

const fbs::UrlTemplate* SnapshotView::team_trafficback(std::uint64_t high, std::uint64_t low) const noexcept {
  const fbs::Team* team = impl_->delta.empty() ? nullptr : impl_->delta.team(high, low);
  if (team == nullptr) {
    team = impl_->base.team(high, low);
  }
  return team == nullptr ? nullptr : team->trafficback();
}

const fbs::UrlTemplate* SnapshotView::global_trafficback() const noexcept {
  return impl_->newest().trafficback();
}

std::uint32_t SnapshotView::cap_slots() const noexcept {
  return std::max(impl_->base.root().cap_slots(), impl_->newest().cap_slots());
}

std::uint32_t SnapshotView::rotation_slots() const noexcept {
  return std::max(impl_->base.root().rotation_slots(), impl_->newest().rotation_slots());
}

std::size_t SnapshotView::campaign_count() const noexcept {
  const auto* campaigns = impl_->base.root().campaigns();
  return campaigns == nullptr ? 0 : campaigns->size();
}

void SnapshotView::each_campaign(const std::function<void(const fbs::Campaign&)>& use) const {
  for (const SnapshotLayer* layer : {&impl_->base, &impl_->delta}) {
    if (layer->empty() || layer->root().campaigns() == nullptr) {
      continue;
    }
    for (const fbs::Campaign* campaign : *layer->root().campaigns()) {
      use(*campaign);
    }
  }
}

std::size_t SnapshotView::byte_size() const noexcept {
  return impl_->byte_size;
}

}  // namespace tributary
