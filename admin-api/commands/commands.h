#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/settings/settings.h"

// What tributary-admin can do besides serving. Each returns the exit status; failures are exceptions, caught in main.
namespace tributary::admin {

int serve(const Settings& settings);
int migrate(const Settings& settings, bool dry_run);
int check(const Settings& settings);
int status(const Settings& settings);
int list_routes();

int generate_keys(const std::string& directory);
int rotate_click_key(const Settings& settings, std::uint32_t delay_s, std::uint32_t valid_days);
int start_epoch(const Settings& settings);

struct NewUser {
  std::string email, password_file, role, team;
};
int create_user(const Settings& settings, const NewUser& user);
struct NewEdge {
  std::string name, push_url;
  int number = -1;  // -1: the next one
};
int add_edge(const Settings& settings, const NewEdge& edge);
int seed(const Settings& settings, const std::string& file);

struct ExplainOptions {
  std::string url, click, ip, agent, referrer, at, method, generation, prefix;
  std::vector<std::string> headers;  // NAME: VALUE
  std::int64_t turn = -1;            // -1: not given
  std::string snapshot;              // a file, in the place of the database
  bool json = false;
};
// Exit status 1 when a recorded click would be decided differently.
int explain(const Settings& settings, const ExplainOptions& options);

}  // namespace tributary::admin
