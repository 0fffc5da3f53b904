#pragma once

#include <flatbuffers/flatbuffers.h>

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/hash_index.h"
#include "core/snapshot/model.h"
#include "core/snapshot/snapshot_builder.h"
#include "core/url/url_template.h"
#include "schema/snapshot_generated.h"

// What the parts of the snapshot builder share: the buffer, what was written already, and the problems found so far.
namespace tributary {

using FbsIndex = flatbuffers::Offset<flatbuffers::Vector<const fbs::IndexSlot*>>;
template <typename T>
using FbsTables = flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<T>>>;

class BuildContext {
 public:
  explicit BuildContext(const model::Snapshot& snapshot) : input(snapshot), out(1u << 20) {}

  const model::Snapshot& input;
  flatbuffers::FlatBufferBuilder out;

  bool is_delta() const noexcept { return input.base != Generation{}; }

  void problem(std::string entity, std::string_view field, std::string reason);
  std::vector<BuildProblem>& problems() noexcept { return problems_; }

  // Equal texts, templates and schedules are written once. The keys are views of the input, which outlives the build.
  flatbuffers::Offset<flatbuffers::String> text(std::string_view text);
  flatbuffers::Offset<flatbuffers::Vector<std::uint16_t>> schedule(const std::vector<std::uint32_t>& weights);

  // The offsets of some years around the making of the snapshot, written once. Null for UTC, which is the empty name
  // too, and for a zone that does not exist, which is a problem of whoever names it.
  flatbuffers::Offset<fbs::Zone> zone(std::string_view name);

  // Compiles a template; null when `source` is empty or does not compile, which is then a problem of `entity`.
  template <typename Entity>
  flatbuffers::Offset<fbs::UrlTemplate> url_template(std::string_view source, const Entity& entity,
                                                     std::string_view field) {
    std::string reason;
    const auto offset = compile(source, reason);
    if (!reason.empty()) {
      problem(entity(), field, std::move(reason));
    }
    return offset;
  }

  FbsIndex index(const SnapshotIndexBuilder& builder);

 private:
  using FbsParts = flatbuffers::Offset<flatbuffers::Vector<const fbs::TemplatePart*>>;

  flatbuffers::Offset<fbs::UrlTemplate> compile(std::string_view source, std::string& reason);
  FbsParts template_parts(const std::vector<TemplatePart>& parts);

  std::vector<BuildProblem> problems_;
  std::map<std::string, flatbuffers::Offset<fbs::Zone>, std::less<>> zones_;
  std::unordered_map<std::string_view, flatbuffers::Offset<flatbuffers::String>> texts_;
  std::unordered_map<std::string_view, flatbuffers::Offset<fbs::UrlTemplate>> templates_;
  std::unordered_map<std::string, FbsParts> template_parts_;
  std::map<std::vector<std::uint32_t>, flatbuffers::Offset<flatbuffers::Vector<std::uint16_t>>> schedules_;
};

inline fbs::Uuid fbs_uuid(const model::Uuid& id) {
  return {id.high, id.low};
}

struct BuiltCampaigns {
  FbsTables<fbs::Campaign> records;
  FbsTables<fbs::Rotation> rotations;
  FbsIndex by_name;
  FbsIndex by_id;
  std::uint32_t rotation_slots = 0;
  std::uint32_t cap_slots = 0;
};
BuiltCampaigns build_campaigns(BuildContext& context);

struct BuiltNetworks {
  FbsTables<fbs::Network> records;
  FbsIndex by_key;
  FbsIndex by_id;
};
BuiltNetworks build_networks(BuildContext& context);
// One record, whose problems are those of `entity`. Does not look at id and key: an affiliate has neither.
flatbuffers::Offset<fbs::Network> write_network(BuildContext& context, const model::Network& network,
                                                std::string entity);

struct BuiltLinks {
  FbsTables<fbs::Link> links;
  FbsIndex link_by_code;
  FbsTables<fbs::Partner> partners;
  FbsIndex partner_by_id;
};
BuiltLinks build_links(BuildContext& context);

// Of an advertiser or a network; `least` is how short one may be.
FbsTables<fbs::SignatureSecret> write_signature_secrets(BuildContext& context, const std::string& entity,
                                                        const std::vector<model::SignatureSecret>& secrets,
                                                        std::size_t least);

struct BuiltAdvertisers {
  FbsTables<fbs::Advertiser> records;
  FbsTables<fbs::EventKey> keys;
};
BuiltAdvertisers build_advertisers(BuildContext& context);

}  // namespace tributary
