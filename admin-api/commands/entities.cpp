#include <boost/json/serialize.hpp>
#include <fstream>
#include <iostream>

#include "admin-api/commands/commands.h"
#include "admin-api/runtime.h"

// Users and edges from the command line, through the routes of the API.
namespace tributary::admin {
namespace {

namespace json = boost::json;

std::string read_first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) throw std::runtime_error("cannot read " + path);
  return line;
}

// The only record of a list, by a filter.
json::value find_one(Runtime& runtime, const std::string& target) {
  const auto answer = runtime.call("GET", target);
  const auto& data = answer.as_object().at("data").as_array();
  return data.empty() ? json::value() : data.front();
}

std::string query_escape(const std::string& text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      out += c;
    } else {
      out += {'%', kHex[static_cast<unsigned char>(c) >> 4], kHex[static_cast<unsigned char>(c) & 15]};
    }
  }
  return out;
}

}  // namespace

int create_user(const Settings& settings, const NewUser& user) {
  Runtime runtime(settings, Runtime::Purpose::command);
  json::object body{{"email", user.email},
                    {"password", read_first_line(user.password_file)},
                    {"role", user.role},
                    {"state", "approved"}};
  if (!user.team.empty()) {
    const auto team = find_one(runtime, "/api/v1/teams?name=" + query_escape(user.team));
    if (team.is_null()) throw std::runtime_error("there is no team " + user.team);
    body["team_id"] = team.at("id");
  }
  const auto existing = find_one(runtime, "/api/v1/users?email=" + query_escape(user.email));
  if (!existing.is_null()) {
    std::cout << "user " << user.email << " exists already\n";
    return 0;
  }
  const auto created = runtime.call("POST", "/api/v1/users", json::serialize(body));
  std::cout << "user " << user.email << " has id " << created.at("id").as_string().c_str() << "\n";
  return 0;
}

int add_edge(const Settings& settings, const NewEdge& edge) {
  Runtime runtime(settings, Runtime::Purpose::command);
  json::object body{{"name", edge.name}, {"push_url", edge.push_url}};
  if (edge.number >= 0) body["number"] = edge.number;
  auto record = find_one(runtime, "/api/v1/edges?name=" + query_escape(edge.name));
  if (record.is_null()) {
    record = runtime.call("POST", "/api/v1/edges", json::serialize(body));
  } else if (record.at("push_url") != body["push_url"] || (edge.number >= 0 && record.at("number") != edge.number)) {
    throw std::runtime_error("edge " + edge.name + " exists with another number or push URL: change it by the API");
  }
  std::cout << "write in nginx.conf: tributary_edge " << edge.name << " number=" << record.at("number").as_int64()
            << ";\n";
  return 0;
}

}  // namespace tributary::admin
