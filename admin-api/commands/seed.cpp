#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <iostream>
#include <map>

#include "admin-api/commands/commands.h"
#include "admin-api/json/yaml_json.h"
#include "admin-api/runtime.h"
#include "core/base/whole_file.h"

// Loads a file such as conf/demo.yaml through the routes of the API. What exists already, by its name, key or slug, is
// left as it is; so seeding twice changes nothing.
namespace tributary::admin {
namespace {

namespace json = boost::json;

class Seeder {
 public:
  explicit Seeder(Runtime& runtime) : runtime_(runtime) {}

  void run(const json::object& document) {
    for (const auto& item : list(document, "teams")) seed_team(item.as_object());
    for (const auto& item : list(document, "networks")) seed_network(item.as_object());
    for (const auto& item : list(document, "destinations")) seed_destination(item.as_object());
    for (const auto& item : list(document, "landers")) seed_lander(item.as_object());
    for (const auto& item : list(document, "campaigns")) seed_campaign(item.as_object());
    for (const auto& item : list(document, "partners")) seed_partner(item.as_object());
  }
  int created() const { return created_; }

 private:
  static json::array list(const json::object& object, const char* name) {
    const auto* value = object.if_contains(name);
    return value == nullptr ? json::array() : value->as_array();
  }

  static json::value take(json::object& object, const char* name) {
    const auto* value = object.if_contains(name);
    json::value taken = value == nullptr ? json::value() : *value;
    object.erase(name);
    return taken;
  }

  // All records of a kind; a demo is small, but pages are followed all the same.
  json::array fetch(const std::string& path) {
    json::array all;
    std::string cursor;
    do {
      const auto answer = runtime_.call("GET", path + "?limit=500" + cursor);
      for (const auto& item : answer.at("data").as_array()) all.push_back(item);
      const auto& next = answer.at("next_cursor");
      cursor = next.is_null() ? std::string() : "&cursor=" + std::string(next.as_string());
    } while (!cursor.empty());
    return all;
  }

  // The record whose fields equal those of `wanted`, made if there is none.
  json::value find_or_create(const std::string& path, const json::object& wanted,
                             std::initializer_list<const char*> identity) {
    for (const auto& item : fetch(path)) {
      bool same = true;
      for (const auto* field : identity) {
        const auto* value = wanted.if_contains(field);
        same = same && item.at(field) == (value == nullptr ? json::value("") : *value);
      }
      if (same) return item;
    }
    ++created_;
    return runtime_.call("POST", path, json::serialize(wanted));
  }

  const json::value& lookup(const std::map<std::string, json::value>& known, const json::value& name,
                            const char* what) {
    const auto found = known.find(std::string(name.as_string()));
    if (found == known.end()) {
      throw std::runtime_error(std::string("the file names no ") + what + " " + name.as_string().c_str());
    }
    return found->second;
  }

  void set_team(json::object& item) { item["team_id"] = lookup(teams_, take(item, "team"), "team"); }

  void seed_team(const json::object& item) {
    const auto record = find_or_create("/api/v1/teams", item, {"name"});
    teams_.emplace(item.at("name").as_string(), record.at("id"));
  }

  void seed_network(json::object item) {
    set_team(item);
    const auto record = find_or_create("/api/v1/networks", item, {"key"});
    networks_.emplace(item.at("key").as_string(), record.at("id"));
  }

  void seed_destination(json::object item) {
    set_team(item);
    const auto network = take(item, "network");
    if (!network.is_null()) item["network_id"] = lookup(networks_, network, "network");
    const auto record = find_or_create("/api/v1/destinations", item, {"team_id", "name"});
    destinations_.emplace(item.at("name").as_string(), record.at("id"));
  }

  void seed_lander(json::object item) {
    set_team(item);
    const auto record = find_or_create("/api/v1/landers", item, {"team_id", "name"});
    landers_.emplace(item.at("name").as_string(), record.at("id"));
  }

  void seed_partner(json::object item) {
    set_team(item);
    find_or_create("/api/v1/partners", item, {"team_id", "name"});
  }

  void seed_campaign(json::object item) {
    set_team(item);
    const auto streams = take(item, "streams");
    const auto record = find_or_create("/api/v1/campaigns", item, {"host", "slug"});
    if (streams.is_null()) return;
    const auto path = "/api/v1/campaigns/" + json::serialize(record.at("id")) + "/streams";
    for (const auto& stream : streams.as_array()) seed_stream(path, stream.as_object());
  }

  void seed_stream(const std::string& path, json::object item) {
    json::array destinations = list(item, "destinations");
    for (auto& entry : destinations) {
      auto& object = entry.as_object();
      object["destination_id"] = lookup(destinations_, take(object, "destination"), "destination");
    }
    item["destinations"] = std::move(destinations);
    json::array landers = list(item, "landers");
    for (auto& entry : landers) {
      auto& object = entry.as_object();
      object["lander_id"] = lookup(landers_, take(object, "lander"), "lander");
    }
    item["landers"] = std::move(landers);
    find_or_create(path, item, {"name"});
  }

  Runtime& runtime_;
  std::map<std::string, json::value> teams_, networks_, destinations_, landers_;
  int created_ = 0;
};

}  // namespace

int seed(const Settings& settings, const std::string& file) {
  Runtime runtime(settings, Runtime::Purpose::command);
  Seeder seeder(runtime);
  const auto document = read_whole_file(file);
  if (!document) throw std::runtime_error("cannot read " + file);
  seeder.run(json::parse(yaml_to_json(*document)).as_object());
  std::cout << seeder.created() << " records created from " << file << "\n";
  return 0;
}

}  // namespace tributary::admin
