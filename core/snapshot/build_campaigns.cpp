#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>

#include "core/base/plain_text.h"
#include "core/money/money.h"
#include "core/request/query.h"
#include "core/snapshot/build_context.h"
#include "core/snapshot/build_sources.h"
#include "core/snapshot/build_stream.h"
#include "core/snapshot/format.h"
#include "core/url/next_hop.h"

namespace tributary {
namespace {

std::string entity_of(const model::Campaign& campaign) {
  return "campaign " + std::to_string(campaign.id);
}

struct Name {
  std::string_view host;
  std::string_view slug;
  friend bool operator==(const Name&, const Name&) = default;
};
struct NameHash {
  std::size_t operator()(const Name& name) const noexcept { return name_hash(name.host, name.slug); }
};

Name name_of(const model::Campaign& campaign) {
  return {campaign.host, campaign.slug};
}

class CampaignsBuilder {
 public:
  explicit CampaignsBuilder(BuildContext& context) : context_(context), streams_(context), sources_(context) {}

  BuiltCampaigns build() {
    collect();
    BuiltCampaigns built;
    built.rotations = write_rotations();
    for (const model::Campaign* campaign : records_) {
      if (context_.out.GetSize() > kMaxSnapshotBytes) {
        context_.problem("snapshot", "campaigns", "the configuration is larger than 1 GiB when compiled");
        break;
      }
      written_.push_back(write(*campaign));
    }
    built.records = context_.out.CreateVector(written_);
    built.by_name = index_by_name(built.records);
    built.by_id = index_by_id();
    built.rotation_slots = streams_.rotation_slots();
    built.cap_slots = streams_.cap_slots();
    return built;
  }

 private:
  static bool live(const model::Campaign& campaign) { return campaign.state != model::State::deleted; }

  // What is written: in a base no deleted campaign, in a delta all of them. Live names and ids are unique.
  void collect() {
    live_names_.reserve(context_.input.campaigns.size());
    live_ids_.reserve(context_.input.campaigns.size());
    for (const model::Campaign& campaign : context_.input.campaigns) {
      if (live(campaign) || context_.is_delta()) {
        records_.push_back(&campaign);
      }
      if (!live(campaign)) {
        continue;
      }
      if (!live_ids_.insert(campaign.id).second) {
        context_.problem(entity_of(campaign), "id", "is used by two campaigns");
      }
      if (!live_names_.insert(name_of(campaign)).second) {
        context_.problem(entity_of(campaign), "slug",
                         "\"" + campaign.slug + "\" is taken on host \"" + campaign.host + "\" by another campaign");
      }
    }
  }

  void check(const model::Campaign& campaign) {
    const auto problem = [&](std::string_view field, std::string reason) {
      context_.problem(entity_of(campaign), field, std::move(reason));
    };
    if (campaign.id == 0 || campaign.id > kMaxCampaignId) {
      problem("id", "must be from 1 to " + std::to_string(kMaxCampaignId));
    }
    std::array<char, kMaxHostLength + 1> buffer;
    if (!campaign.host.empty() && (campaign.host.size() > kMaxHostLength ||
                                   normalise_host(campaign.host, buffer) != std::string_view(campaign.host))) {
      problem("host", "\"" + campaign.host + "\" is not a host name in lower case without port");
    }
    if (!is_plain_text(campaign.slug, kMaxSlugLength) || campaign.slug.find_first_of("/?#") != std::string::npos) {
      problem("slug", "must be at most 255 bytes without control characters, '/', '?' and '#'");
    }
    if (!campaign.currency.empty() && parse_currency(campaign.currency) != std::string_view(campaign.currency)) {
      problem("currency", "\"" + campaign.currency + "\" is not an ISO 4217 code in capitals");
    }
    if (campaign.cost_micros < 0 || campaign.cost_micros > kMaxMoneyMicros) {
      problem("cost", "must be from 0 to 10^12");
    }
    if (campaign.cost_micros > 0 && campaign.currency.empty()) {
      problem("currency", "is needed when there is a cost");
    }
    if (campaign.streams.size() > kMaxStreamsPerCampaign) {
      problem("streams", "are more than " + std::to_string(kMaxStreamsPerCampaign));
    }
  }

  // Sorted by id: the edge searches.
  FbsTables<fbs::Rotation> write_rotations() {
    std::vector<flatbuffers::Offset<fbs::Rotation>> rotations;
    for (const model::Rotation& rotation : context_.input.rotations) {
      const std::string entity = "rotation " + std::to_string(rotation.id);
      if (rotation.id == 0 || !rotation_ids_.insert(rotation.id).second) {
        context_.problem(entity, "id", "is 0 or used by two rotations");
      }
      if (rotation.streams.size() > kMaxRotationStreams) {
        context_.problem(entity, "streams", "are more than " + std::to_string(kMaxRotationStreams));
      }
      const auto streams = streams_.write_all(rotation);
      rotations.push_back(fbs::CreateRotation(context_.out, rotation.id, streams));
    }
    return rotations.empty() ? FbsTables<fbs::Rotation>() : context_.out.CreateVectorOfSortedTables(&rotations);
  }

  // A campaign has streams of its own or a rotation.
  FbsTables<fbs::Stream> write_streams(const model::Campaign& campaign) {
    if (campaign.rotation == 0) {
      return streams_.write_all(campaign);
    }
    if (!rotation_ids_.contains(campaign.rotation) && !context_.is_delta()) {
      context_.problem(entity_of(campaign), "rotation_id",
                       "rotation " + std::to_string(campaign.rotation) + " does not exist");
    }
    if (!campaign.streams.empty()) {
      context_.problem(entity_of(campaign), "streams", "cannot be there beside a rotation");
    }
    streams_.take_rotation_slots(campaign);
    return 0;
  }

  // Null where there are none: a click then does not even look.
  flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>> write_next_hops(
      const model::Campaign& campaign) {
    if (campaign.next_hops.empty()) {
      return 0;
    }
    if (campaign.next_hops.size() > kMaxNextHops) {
      context_.problem(entity_of(campaign), "next_hops", "are more than " + std::to_string(kMaxNextHops));
    }
    for (const std::string& allowed : campaign.next_hops) {
      if (const auto reason = next_hop_problem(allowed); !reason.empty()) {
        context_.problem(entity_of(campaign), "next_hops", "\"" + allowed + "\": " + std::string(reason));
      }
    }
    return context_.out.CreateVectorOfStrings(campaign.next_hops);
  }

  flatbuffers::Offset<fbs::Campaign> write(const model::Campaign& campaign) {
    check(campaign);
    const auto host = campaign.host.empty() ? 0 : context_.text(campaign.host);
    const auto slug = campaign.slug.empty() ? 0 : context_.out.CreateString(campaign.slug);
    const fbs::Uuid team = fbs_uuid(campaign.team);
    if (!live(campaign)) {
      return fbs::CreateCampaign(context_.out, campaign.id, &team, fbs::State::Deleted, host, slug);
    }
    const auto currency = campaign.currency.empty() ? 0 : context_.text(campaign.currency);
    const auto trafficback = context_.url_template(
        campaign.trafficback, [&] { return entity_of(campaign); }, "trafficback");
    const auto landing = context_.url_template(
        campaign.landing, [&] { return entity_of(campaign); }, "landing_url");
    const auto next_hops = write_next_hops(campaign);
    const auto streams = write_streams(campaign);
    const auto slots = campaign.rotation_slots.empty() ? 0 : context_.out.CreateVector(campaign.rotation_slots);
    return fbs::CreateCampaign(context_.out, campaign.id, &team, static_cast<fbs::State>(campaign.state), host, slug,
                               static_cast<fbs::StreamOrder>(campaign.stream_order), streams, campaign.source, currency,
                               trafficback, campaign.cost_micros, campaign.uniqueness_window_s, landing, next_hops,
                               sources_.write(campaign.source), campaign.rotation, slots);
  }

  // How far behind the first element of `campaigns` a record lies. (Offsets count backwards from the end of the file.)
  static std::uint32_t place(FbsTables<fbs::Campaign> campaigns, flatbuffers::Offset<fbs::Campaign> record) {
    return campaigns.o - static_cast<std::uint32_t>(sizeof(flatbuffers::uoffset_t)) - record.o;
  }

  // A tombstone is indexed only where no live record has its key.
  FbsIndex index_by_name(FbsTables<fbs::Campaign> campaigns) {
    SnapshotIndexBuilder index(written_.size());
    std::unordered_set<Name, NameHash> hidden;
    for (std::uint32_t ordinal = 1; ordinal <= written_.size(); ++ordinal) {
      const model::Campaign& campaign = *records_[ordinal - 1];
      const Name name = name_of(campaign);
      if (live(campaign) || (!live_names_.contains(name) && hidden.insert(name).second)) {
        index.add(name_hash(name.host, name.slug), place(campaigns, written_[ordinal - 1]));
      }
    }
    return context_.index(index);
  }

  FbsIndex index_by_id() {
    SnapshotIndexBuilder index(written_.size());
    std::unordered_set<std::uint32_t> hidden;
    for (std::uint32_t ordinal = 1; ordinal <= written_.size(); ++ordinal) {
      const model::Campaign& campaign = *records_[ordinal - 1];
      if (live(campaign) || (!live_ids_.contains(campaign.id) && hidden.insert(campaign.id).second)) {
        index.add(id_hash(campaign.id), ordinal);
      }
    }
    return context_.index(index);
  }

  BuildContext& context_;
  StreamsBuilder streams_;
  SourcesBuilder sources_;
  std::vector<const model::Campaign*> records_;
  std::vector<flatbuffers::Offset<fbs::Campaign>> written_;
  std::unordered_set<Name, NameHash> live_names_;
  std::unordered_set<std::uint32_t> live_ids_;
  std::unordered_set<std::uint32_t> rotation_ids_;
};

}  // namespace

BuiltCampaigns build_campaigns(BuildContext& context) {
  return CampaignsBuilder(context).build();
}

}  // namespace tributary
