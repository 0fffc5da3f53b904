#include "core/snapshot/snapshot_builder.h"

#include <algorithm>
#include <array>

#include "core/request/query.h"
#include "core/snapshot/build_context.h"
#include "core/snapshot/format.h"

namespace tributary {
namespace {

void check_generation(BuildContext& context) {
  const model::Snapshot& input = context.input;
  if (input.generation.counter == 0 || input.generation.counter > kMaxGenerationCounter) {
    context.problem("snapshot", "generation", "the counter must be from 1 to 2^48 - 1");
  }
  if (context.is_delta() && input.base >= input.generation) {
    context.problem("snapshot", "base", "must be an earlier generation");
  }
}

// Sorted by id: the edge searches.
FbsTables<fbs::Team> build_teams(BuildContext& context) {
  std::vector<const model::Team*> teams;
  for (const model::Team& team : context.input.teams) {
    teams.push_back(&team);
  }
  std::sort(teams.begin(), teams.end(), [](const model::Team* a, const model::Team* b) { return a->id < b->id; });
  std::vector<flatbuffers::Offset<fbs::Team>> written;
  for (std::size_t i = 0; i < teams.size(); ++i) {
    if (i > 0 && teams[i]->id == teams[i - 1]->id) {
      context.problem("team", "id", "is used by two teams");
    }
    const fbs::Uuid id = fbs_uuid(teams[i]->id);
    const auto trafficback = context.url_template(
        teams[i]->trafficback, [] { return std::string("team"); }, "trafficback");
    written.push_back(fbs::CreateTeam(context.out, &id, trafficback));
  }
  return context.out.CreateVector(written);
}

// Sorted by host: the edge searches.
FbsTables<fbs::Domain> build_domains(BuildContext& context) {
  std::vector<const model::Domain*> domains;
  for (const model::Domain& domain : context.input.domains) {
    domains.push_back(&domain);
  }
  std::sort(domains.begin(), domains.end(),
            [](const model::Domain* a, const model::Domain* b) { return a->host < b->host; });
  std::vector<flatbuffers::Offset<fbs::Domain>> written;
  for (std::size_t i = 0; i < domains.size(); ++i) {
    const std::string entity = "domain " + domains[i]->host;
    std::array<char, kMaxHostLength + 1> buffer;
    if (domains[i]->host.size() > kMaxHostLength ||
        normalise_host(domains[i]->host, buffer) != std::string_view(domains[i]->host) || domains[i]->host.empty()) {
      context.problem(entity, "host", "is not a host name in lower case without port");
    }
    if (i > 0 && domains[i]->host == domains[i - 1]->host) {
      context.problem(entity, "host", "is used by two domains");
    }
    const fbs::Uuid team = fbs_uuid(domains[i]->team);
    const auto host = context.text(domains[i]->host);
    written.push_back(fbs::CreateDomain(context.out, host, &team, domains[i]->active, domains[i]->campaign));
  }
  return context.out.CreateVector(written);
}

FbsTables<fbs::ClickKey> build_click_keys(BuildContext& context) {
  if (context.input.click_keys.empty()) {
    context.problem("snapshot", "click_keys", "are missing: without a key no click id can be made");
  }
  std::vector<flatbuffers::Offset<fbs::ClickKey>> written;
  std::uint32_t seen = 0;
  for (const ClickIdKey& key : context.input.click_keys) {
    const std::string entity = "click key " + std::to_string(key.id);
    if (key.id >= kMaxClickKeys) {
      context.problem(entity, "id", "must be from 0 to 15");
      continue;
    }
    if ((seen >> key.id & 1) != 0) {
      context.problem(entity, "id", "is used by two keys");
    }
    seen |= 1u << key.id;
    written.push_back(fbs::CreateClickKey(context.out, key.id,
                                          context.out.CreateVector(key.secret.data(), key.secret.size()),
                                          key.mint_from_ms, key.valid_until_ms));
  }
  return context.out.CreateVector(written);
}

}  // namespace

Result<std::vector<std::uint8_t>, std::vector<BuildProblem>> build_snapshot(const model::Snapshot& input) {
  BuildContext context(input);
  check_generation(context);
  const BuiltCampaigns campaigns = build_campaigns(context);
  const BuiltNetworks networks = build_networks(context);
  const BuiltLinks links = build_links(context);
  const BuiltAdvertisers advertisers = build_advertisers(context);
  const auto teams = build_teams(context);
  const auto click_keys = build_click_keys(context);
  const auto domains = input.domains.empty() ? FbsTables<fbs::Domain>() : build_domains(context);
  const auto trafficback = context.url_template(
      input.trafficback, [] { return std::string("snapshot"); }, "trafficback");
  const auto root = fbs::CreateSnapshot(
      context.out, kSnapshotFormat, input.generation.epoch, input.generation.counter, input.base.epoch,
      input.base.counter, input.created_ms, campaigns.records, campaigns.by_name, campaigns.by_id, networks.records,
      networks.by_key, networks.by_id, teams, click_keys, trafficback, campaigns.rotation_slots, campaigns.cap_slots,
      links.links, links.link_by_code, links.partners, links.partner_by_id, domains, campaigns.rotations,
      advertisers.records, advertisers.keys);
  fbs::FinishSnapshotBuffer(context.out, root);
  if (!context.problems().empty()) {
    return std::move(context.problems());
  }
  const std::uint8_t* bytes = context.out.GetBufferPointer();
  return std::vector<std::uint8_t>(bytes, bytes + context.out.GetSize());
}

}  // namespace tributary
