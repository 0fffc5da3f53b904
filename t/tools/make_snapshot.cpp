// tributary-make-snapshot: a snapshot of any size and the signed header to push it with, without PostgreSQL or
// admin-api. Writes the file, prints the value of the Tributary-Push header.
#include <sodium.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/snapshot/push.h"
#include "core/snapshot/snapshot_builder.h"
#include "t/tools/push_keys.h"

namespace tributary::tools {
namespace {

constexpr std::uint32_t kFirstFormat = 1;

struct Options {
  std::string out, keys, edge = "test";
  Generation generation{1, 1};
  std::uint32_t campaigns = 1, streams = 1, destinations = 1;
  std::string url = "https://destination.example/offer?cid={click_id}&sub={sub1}";
  std::string host, trafficback, global_trafficback;
  std::string network = "demo", secret = "secret", auth = "token", partner_auth = "none";
  std::vector<std::string> allowed;
  int answer = 0;
  std::uint32_t click_window_s = 0;
  std::string click_key = "0123456789abcdef";
  std::uint64_t key_valid_until_ms = 0;
  std::string state = "active";
  int expires_in_s = 300;
  std::vector<std::string> conditions;
  std::uint32_t click_cap = 0, capped = 1, cap_per = 0, uniqueness_s = 0, anti_repeat_s = 0;
  std::string redirect_kind = "http";
  std::uint16_t redirect_status = 302;
  std::vector<std::string> links;
  std::string landing;
  std::vector<std::string> next_hops;
  std::vector<std::string> aliases, domains;
};

Options parse(int argc, char** argv) {
  Options o;
  CLI::App app{"Builds a snapshot for tests and benchmarks and signs it."};
  app.add_option("--out", o.out, "file to write")->required();
  app.add_option("--keys", o.keys, "directory of push.key and push.pub, made when missing")->required();
  app.add_option("--edge", o.edge, "name of the edge that may take it");
  app.add_option("--epoch", o.generation.epoch);
  app.add_option("--counter", o.generation.counter);
  app.add_option("--campaigns", o.campaigns, "with slugs c1, c2, ... and ids 1, 2, ...");
  app.add_option("--streams", o.streams, "of each campaign");
  app.add_option("--destinations", o.destinations, "of each stream, weights 1, 2, ...");
  app.add_option("--url", o.url, "template of every destination; %d becomes the destination's id");
  app.add_option("--host", o.host, "of every campaign; empty: any");
  app.add_option("--trafficback", o.trafficback, "of every campaign");
  app.add_option("--global-trafficback", o.global_trafficback, "of the installation");
  app.add_option("--network", o.network, "key of the one network");
  app.add_option("--secret", o.secret, "of that network");
  app.add_option("--auth", o.auth)->check(CLI::IsMember({"token", "ip", "none"}));
  app.add_option("--partner-auth", o.partner_auth, "of the affiliates")->check(CLI::IsMember({"token", "ip", "none"}));
  app.add_option("--allowed", o.allowed, "address or range that auth ip takes calls from");
  app.add_option("--answer", o.answer, "number of the kind of answer to postbacks")->check(CLI::Range(0, 5));
  app.add_option("--click-window", o.click_window_s, "seconds, 0: no limit");
  app.add_option("--click-key", o.click_key, "16 characters that sign click ids");
  app.add_option("--key-valid-until-ms", o.key_valid_until_ms, "end of that key, 0: none");
  app.add_option("--state", o.state, "of every campaign")->check(CLI::IsMember({"active", "paused"}));
  app.add_option("--condition", o.conditions,
                 "N:KIND:ARGUMENT:ACCEPTED,... of the stream that is tried as the Nth; repeatable");
  app.add_option("--click-cap", o.click_cap, "per day, of the capped destinations; 0: none");
  app.add_option("--cap-per", o.cap_per, "sub id of which each value has that cap for itself; 0: all together");
  app.add_option("--capped", o.capped, "how many destinations have that cap, from 1");
  app.add_option("--anti-repeat", o.anti_repeat_s, "seconds that no visitor is sent to a destination again, 0: off");
  app.add_option("--alias", o.aliases, "FIELD:NAME of the source of every campaign; repeatable");
  app.add_option("--domain", o.domains, "HOST:TEAM:CAMPAIGN; campaigns are of team 1; repeatable");
  app.add_option("--uniqueness", o.uniqueness_s, "seconds, 0: visitors are not told apart");
  app.add_option("--redirect-kind", o.redirect_kind, "of every stream")
      ->check(CLI::IsMember({"http", "meta", "javascript", "hide_referrer", "json"}));
  app.add_option("--link", o.links, "CODE:CAMPAIGN:PARTNER:STATE:URL; repeatable; URL may be empty");
  app.add_option("--next-hop", o.next_hops, "that every campaign allows; repeatable");
  app.add_option("--landing", o.landing, "of every campaign: where links without URL lead");
  app.add_option("--redirect-status", o.redirect_status, "of every stream");
  app.add_option("--expires-in", o.expires_in_s, "seconds until the header is refused");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));  // NOLINT(concurrency-mt-unsafe): no threads
  }
  if (o.click_key.size() != 16) throw std::runtime_error("--click-key wants 16 characters");
  return o;
}

std::array<std::uint8_t, 32> sha256(const void* data, std::size_t length) {
  std::array<std::uint8_t, 32> digest;
  crypto_hash_sha256(digest.data(), static_cast<const unsigned char*>(data), length);
  return digest;
}

std::vector<std::string> split(const std::string& text, char divider) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, divider);) parts.push_back(part);
  return parts;
}

// `number` counts the streams of a campaign from 1, in the order in which they are tried.
std::vector<model::Condition> conditions_of(const Options& o, std::uint32_t number) {
  std::vector<model::Condition> conditions;
  for (const std::string& text : o.conditions) {
    const auto parts = split(text, ':');
    if (parts.size() != 4) throw std::runtime_error("--condition wants N:KIND:ARGUMENT:ACCEPTED,...");
    if (parts[0] != std::to_string(number)) continue;
    model::Condition condition;
    condition.kind = parts[1];
    condition.argument = parts[2];
    condition.accepted = split(parts[3], ',');
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

model::RedirectKind kind_of(const std::string& word) {
  if (word == "meta") return model::RedirectKind::meta;
  if (word == "javascript") return model::RedirectKind::javascript;
  if (word == "hide_referrer") return model::RedirectKind::hide_referrer;
  return word == "json" ? model::RedirectKind::json : model::RedirectKind::http;
}

model::Stream make_stream(const Options& o, std::uint32_t id) {
  model::Stream stream;
  stream.id = id;
  stream.rotation_slot = id;
  stream.priority = static_cast<std::int32_t>(id % o.streams);
  stream.conditions = conditions_of(o, id % o.streams + 1);
  stream.anti_repeat_window_s = o.anti_repeat_s;
  stream.redirect_kind = kind_of(o.redirect_kind);
  stream.redirect_status = o.redirect_status;
  for (std::uint32_t d = 0; d < o.destinations; ++d) stream.destinations.push_back({d + 1, d + 1});
  return stream;
}

model::Campaign make_campaign(const Options& o, std::uint32_t id) {
  model::Campaign campaign;
  campaign.id = id;
  campaign.team = {1, 1};
  campaign.host = o.host;
  campaign.slug = "c" + std::to_string(id);
  campaign.currency = "USD";
  campaign.uniqueness_window_s = o.uniqueness_s;
  campaign.trafficback = o.trafficback;
  campaign.landing = o.landing;
  campaign.next_hops = o.next_hops;
  campaign.state = o.state == "paused" ? model::State::paused : model::State::active;
  if (!o.aliases.empty()) campaign.source = 1;
  for (std::uint32_t s = 0; s < o.streams; ++s) {
    campaign.streams.push_back(make_stream(o, (id - 1) * o.streams + s + 1));
  }
  return campaign;
}

model::Destination make_destination(const Options& o, std::uint32_t id) {
  model::Destination destination;
  destination.id = id;
  destination.url = o.url;
  if (const auto at = destination.url.find("%d"); at != std::string::npos) {
    destination.url.replace(at, 2, std::to_string(id));
  }
  if (id <= o.capped && o.click_cap != 0) {
    destination.caps.push_back({.slot = id - 1,
                                .amount = o.click_cap,
                                .currency = {},
                                .time_zone = {},
                                .per = static_cast<std::uint8_t>(o.cap_per)});
  }
  return destination;
}

model::Source make_source(const Options& o) {
  model::Source source{1, {}};
  for (const std::string& text : o.aliases) {
    const auto parts = split(text, ':');
    const auto field = find_macro(parts.front());
    if (parts.size() != 2 || !field) throw std::runtime_error("--alias wants FIELD:NAME");
    source.names.push_back({parts[1], *field});
  }
  return source;
}

model::Domain make_domain(const std::string& text) {
  const auto parts = split(text, ':');
  if (parts.size() != 3) throw std::runtime_error("--domain wants HOST:TEAM:CAMPAIGN");
  const std::uint64_t team = std::stoul(parts[1]);
  return {parts[0], {team, team}, true, static_cast<std::uint32_t>(std::stoul(parts[2]))};
}

model::PostbackAuth auth_of(const std::string& word) {
  if (word == "none") return model::PostbackAuth::none;
  return word == "ip" ? model::PostbackAuth::ip : model::PostbackAuth::token;
}

model::Network make_network(const Options& o) {
  model::Network network;
  network.id = 1;
  network.team = {1, 1};
  network.key = o.network;
  network.auth = auth_of(o.auth);
  network.allowed = o.allowed;
  network.answer = static_cast<model::PostbackAnswer>(o.answer);
  network.secrets_sha256.push_back(sha256(o.secret.data(), o.secret.size()));
  network.parameters = {{PostbackField::click_id, {"cid", "click_id"}, ""},
                        {PostbackField::transaction, {"txid", "transaction_id"}, ""},
                        {PostbackField::status, {"status"}, ""},
                        {PostbackField::payout, {"payout", "amount"}, ""},
                        {PostbackField::currency, {"currency"}, ""}};
  network.statuses = {
      {"approved", ConversionStatus::sale}, {"lead", ConversionStatus::lead}, {"rejected", ConversionStatus::rejected}};
  network.currency = "USD";
  network.click_window_s = o.click_window_s;
  return network;
}

// How an affiliate's calls of /postback are taken: as the network's, with nothing mapped but the amount.
model::Network make_calls(const Options& o, model::Uuid team) {
  model::Network calls = make_network(o);
  calls.id = 0;
  calls.key.clear();
  calls.team = team;
  calls.parameters = {{PostbackField::revenue, {"amount"}, ""}};
  calls.auth = auth_of(o.partner_auth);
  return calls;
}

// 1 and 2 belong to the team of the campaigns, 3 to another one; 2 is paused.
std::vector<model::Partner> make_partners(const Options& o) {
  return {{1, {1, 1}, model::State::active, make_calls(o, {1, 1})},
          {2, {1, 1}, model::State::paused, make_calls(o, {1, 1})},
          {3, {2, 2}, model::State::active, make_calls(o, {2, 2})}};
}

model::Link make_link(const std::string& text, std::uint32_t id) {
  std::istringstream in(text);
  std::string code, campaign, partner, state, url;
  for (auto* part : {&code, &campaign, &partner, &state}) std::getline(in, *part, ':');
  std::getline(in, url, '\0');
  return {id,
          code,
          state == "paused" ? model::State::paused : model::State::active,
          static_cast<std::uint32_t>(std::stoul(campaign)),
          static_cast<std::uint32_t>(std::stoul(partner)),
          url};
}

model::Snapshot make_model(const Options& o) {
  model::Snapshot snapshot;
  snapshot.generation = o.generation;
  snapshot.created_ms = wall_clock_ms();
  for (std::uint32_t d = 1; d <= o.destinations; ++d) snapshot.destinations.push_back(make_destination(o, d));
  for (std::uint32_t c = 1; c <= o.campaigns; ++c) snapshot.campaigns.push_back(make_campaign(o, c));
  if (!o.aliases.empty()) snapshot.sources.push_back(make_source(o));
  for (const std::string& text : o.domains) snapshot.domains.push_back(make_domain(text));
  snapshot.networks.push_back(make_network(o));
  snapshot.partners = make_partners(o);
  for (const std::string& link : o.links) {
    snapshot.links.push_back(make_link(link, static_cast<std::uint32_t>(snapshot.links.size() + 1)));
  }
  snapshot.teams.push_back({{1, 1}, ""});
  ClickIdKey key;
  key.id = 1;
  std::copy(o.click_key.begin(), o.click_key.end(), key.secret.begin());
  key.mint_from_ms = 1;
  key.valid_until_ms = o.key_valid_until_ms;
  snapshot.click_keys.push_back(key);
  snapshot.trafficback = o.global_trafficback;
  return snapshot;
}

std::string describe(const std::vector<BuildProblem>& problems) {
  std::string text;
  for (const auto& p : problems) text += p.entity + ": " + p.field + ": " + p.reason + "\n";
  return text;
}

void run(const Options& o) {
  const auto bytes = build_snapshot(make_model(o));
  if (!bytes) throw std::runtime_error(describe(bytes.error()));
  std::ofstream file(o.out, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes->data()), static_cast<std::streamsize>(bytes->size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + o.out);

  PushEnvelope envelope;
  envelope.edge = o.edge;
  envelope.generation = o.generation;
  envelope.length = bytes->size();
  envelope.sha256 = sha256(bytes->data(), bytes->size());
  envelope.format = kFirstFormat;
  envelope.expires_s = wall_clock_ms() / 1000 + static_cast<std::uint64_t>(static_cast<std::int64_t>(o.expires_in_s));
  std::puts(sign_push(envelope, load_or_make_keys(o.keys).secret_key).c_str());
}

}  // namespace
}  // namespace tributary::tools

int main(int argc, char** argv) {
  try {
    tributary::tools::run(tributary::tools::parse(argc, argv));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tributary-make-snapshot: %s\n", error.what());
    return 1;
  }
}
