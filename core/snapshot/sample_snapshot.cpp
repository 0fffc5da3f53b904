#include "core/snapshot/sample_snapshot.h"

#include <sodium.h>

#include <string_view>
#include <utility>

namespace tributary {
namespace {

std::array<std::uint8_t, 32> sha256(std::string_view text) {
  std::array<std::uint8_t, 32> hash{};
  ::crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return hash;
}

model::Network sample_network(std::uint32_t id) {
  model::Network network;
  network.id = id;
  network.team = {1, 1};
  network.key = "network" + std::to_string(id);
  network.secrets_sha256 = {sha256("secret")};
  network.parameters = {{PostbackField::click_id, {"subid", "clickid"}, ""},
                        {PostbackField::transaction, {"tid"}, ""},
                        {PostbackField::status, {"status"}, ""},
                        {PostbackField::payout, {"payout"}, ""}};
  network.statuses = {{"approved", ConversionStatus::sale}, {"pending", ConversionStatus::lead}};
  network.currency = "USD";
  return network;
}

void add_campaign(std::uint32_t id, const SampleOptions& options, model::Snapshot& snapshot) {
  model::Campaign campaign;
  campaign.id = id;
  campaign.team = {1, 1};
  campaign.host = options.host;
  campaign.slug = "c" + std::to_string(id);
  campaign.currency = "USD";
  campaign.cost_micros = 10'000;
  model::Stream stream;
  stream.id = id;
  stream.rotation_slot = id - 1;
  for (std::uint32_t i = 0; i < options.destinations_per_campaign; ++i) {
    const std::uint32_t destination = id * 10 + i;
    stream.destinations.push_back({destination, i == 0 ? 70u : 30u});
    snapshot.destinations.push_back(
        {destination, model::State::active,
         options.target + "/offer/" + std::to_string(destination) + "?click={click_id}&c={campaign_id}&s1={sub_id_1}",
         0});
  }
  campaign.streams.push_back(std::move(stream));
  snapshot.campaigns.push_back(std::move(campaign));
}

}  // namespace

model::Snapshot sample_snapshot(const SampleOptions& options) {
  model::Snapshot snapshot;
  snapshot.generation = options.generation;
  snapshot.created_ms = 1'767'225'600'000;
  snapshot.campaigns.reserve(options.campaigns);
  snapshot.destinations.reserve(std::size_t{options.campaigns} * options.destinations_per_campaign);
  for (std::uint32_t id = 1; id <= options.campaigns; ++id) {
    add_campaign(id, options, snapshot);
  }
  for (std::uint32_t id = 1; id <= options.networks; ++id) {
    snapshot.networks.push_back(sample_network(id));
  }
  snapshot.teams.push_back({{1, 1}, options.target + "/team"});
  ClickIdKey key;
  for (std::size_t i = 0; i < key.secret.size(); ++i) {
    key.secret[i] = static_cast<std::uint8_t>(i * 7 + 1);
  }
  snapshot.click_keys.push_back(key);
  snapshot.trafficback = options.target + "/global";
  return snapshot;
}

void add_sample_rules(model::Snapshot& snapshot) {
  snapshot.campaigns[0].streams[0].conditions = {
      {"country", false, "", {"KZ", "KG", ""}},
      {"city", true, "", {"Alm*", "/^ast.na$/", "Oskemen"}},
      {"user_agent", false, "", {"mozilla"}},
      {"os_version", false, "", {"10-12.4", ">=15"}},
      {"asn", false, "", {"15169", "64512-65534"}},
      {"ip", false, "", {"192.0.2.0/24", "2001:db8::/32"}},
      {"device", false, "", {"phone"}},
      {"weekday", false, "Asia/Almaty", {"mon-sat"}},
      {"time_of_day", false, "Europe/Berlin", {"22:00-06:00"}},
      {"date", true, "", {"2026-12-24..2026-12-26"}},
      {"header", true, "dnt", {"1"}},
      {"sub_id", true, "7", {"blocked"}},
      {"unique", false, "campaign", {}},
      {"click_limit", false, "day Asia/Almaty", {"100"}, 1},
  };
  snapshot.campaigns[0].landing = "https://advertiser.example/page?c={campaign_id}";
  snapshot.campaigns[0].next_hops = {"https://advertiser.example/sale", "https://shop.example"};
  snapshot.partners = {{1, {1, 1}, model::State::active, sample_network(0)}, {2, {1, 1}, model::State::paused}};
  snapshot.partners[0].postback->auth = model::PostbackAuth::ip;
  snapshot.partners[0].postback->answer = model::PostbackAnswer::status;
  snapshot.partners[0].postback->allowed = {"192.0.2.0/24", "2001:db8::1"};
  snapshot.networks[0].auth = model::PostbackAuth::hmac;
  snapshot.networks[0].signature = {.parameters = {"click_id", "ts"}, .time = "ts", .tolerance_s = 200};
  snapshot.networks[0].signature_secrets = {{"eight or more", 0}};
  snapshot.networks[1].envelope = model::Envelope::clickbank_ins;
  snapshot.links = {{1, "link-one", model::State::active, 1, 1, "https://advertiser.example/one"},
                    {2, "link_two", model::State::paused, 2, 2, ""}};
  snapshot.campaigns[0].uniqueness_window_s = 86'400;
  snapshot.campaigns[0].streams[0].anti_repeat_window_s = 3600;
  snapshot.campaigns[0].streams[0].redirect_kind = model::RedirectKind::json;
  snapshot.destinations[0].schedules = {{.opens_s = 8 * 3600, .time_zone = "Asia/Almaty"}};
  snapshot.destinations[0].caps = {
      {.slot = 0, .turn = 1, .amount = 500, .currency = {}, .time_zone = "Europe/Berlin", .per = 3}};
  snapshot.destinations[0].redirect_status = 303;
  snapshot.destinations[0].redirect_kind = model::RedirectKind::hide_referrer;
  snapshot.destinations[0].overflow = snapshot.destinations[1].id;
  snapshot.landers = {{1, model::State::active, "https://landers.example/one?t={lander_click}&c={campaign_id}"},
                      {2, model::State::paused, "https://landers.example/two?t={lander_click}"}};
  snapshot.campaigns[0].streams[0].landers = {{1, 60}, {2, 40}};
  snapshot.campaigns[0].streams[0].lander_rotation_slot = static_cast<std::uint32_t>(snapshot.campaigns.size());
  snapshot.sources = {{7, {{"zoneid", sub_id_macro(1)}, {"bid", Macro::cost}}, "EUR"}};
  snapshot.campaigns[0].source = 7;
  if (snapshot.campaigns.size() > 1) {
    model::Campaign& last = snapshot.campaigns.back();
    last.rotation = 5;
    last.rotation_slots = {last.streams[0].rotation_slot};
    last.streams[0].rotation_slot = 0;
    snapshot.rotations = {{5, std::exchange(last.streams, {})}};
  }
  snapshot.advertisers = {{.id = 1, .team = {1, 1}, .signature_secrets = {{"sixteen bytes or more", 0}}},
                          {.id = 2, .team = {1, 1}, .active = false}};
  snapshot.event_keys = {{.sha256 = {1}, .advertiser = 1}, {.sha256 = {2}, .advertiser = 2, .valid_until_ms = 5}};
  snapshot.domains = {{"a.example", {1, 1}, true, 1}, {"b.example", {1, 2}, false, 0}};
  snapshot.destinations[0].url += "&d={date:Y-m-d,Asia/Almaty}&r={random:1,9}&s={sample:a,b}&g={country:hash}&o={os}";
}

}  // namespace tributary
