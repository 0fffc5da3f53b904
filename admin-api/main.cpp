#include <sodium.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>

#include "admin-api/admin_settings.h"
#include "admin-api/commands/commands.h"
#include "core/click_id/click_id.h"
#include "platform/log/log.h"

namespace {

using namespace tributary;
using namespace tributary::admin;

// Each subcommand leaves here what is to be done once the arguments are read.
struct Program {
  std::string config;
  std::function<int(const Settings&)> with_settings;
  std::function<int()> alone;
};

void add_database_commands(CLI::App& app, Program& program) {
  static bool dry_run = false;
  auto* migrate_command = app.add_subcommand("migrate", "bring the database to the newest schema");
  migrate_command->add_flag("--dry-run", dry_run, "only show what would be applied");
  migrate_command->callback([&] { program.with_settings = [](const Settings& s) { return migrate(s, dry_run); }; });
  app.add_subcommand("check", "verify settings, keys, database and specification")->callback([&] {
    program.with_settings = check;
  });
  app.add_subcommand("status", "show the generation and which edges have acknowledged it")->callback([&] {
    program.with_settings = status;
  });
  app.add_subcommand("new-epoch", "after a restore: let the edges follow this database")->callback([&] {
    program.with_settings = start_epoch;
  });
}

void add_key_commands(CLI::App& app, Program& program) {
  static std::string directory;
  auto* keygen = app.add_subcommand("keygen", "make push.key, push.pub and jwt.secret");
  keygen->add_option("--out", directory, "directory for the files")->required();
  keygen->callback([&] { program.alone = [] { return generate_keys(directory); }; });

  static std::uint32_t delay_s = 60, valid_days = 0;
  auto* click_key = app.add_subcommand("click-key", "keys of click ids")->require_subcommand(1);
  auto* rotate = click_key->add_subcommand("rotate", "add a key that mints from now on");
  rotate->add_option("--delay", delay_s, "seconds until it mints, so that every edge has it")->capture_default_str();
  rotate->add_option("--valid-days", valid_days, "refuse ids of older keys after so many days; 0: never")
      ->capture_default_str();
  rotate->callback(
      [&] { program.with_settings = [](const Settings& s) { return rotate_click_key(s, delay_s, valid_days); }; });
}

void add_entity_commands(CLI::App& app, Program& program) {
  static NewUser new_user{.email = {}, .password_file = {}, .role = "admin", .team = {}};
  auto* user = app.add_subcommand("user", "people who log in")->require_subcommand(1);
  auto* create = user->add_subcommand("create", "add an approved user");
  create->add_option("--email", new_user.email)->required();
  create->add_option("--password-file", new_user.password_file, "its first line is the password")->required();
  create->add_option("--role", new_user.role)->check(CLI::IsMember({"admin", "buyer"}))->capture_default_str();
  create->add_option("--team", new_user.team, "name of the team; administrators need none");
  create->callback([&] { program.with_settings = [](const Settings& s) { return create_user(s, new_user); }; });

  static NewEdge new_edge;
  auto* edge = app.add_subcommand("edge", "nginx instances")->require_subcommand(1);
  auto* add = edge->add_subcommand("add", "register an edge");
  add->add_option("--name", new_edge.name)->required();
  add->add_option("--push-url", new_edge.push_url, "its location with tributary_config")->required();
  add->add_option("--number", new_edge.number, "0 to 1023; default: the next one")->check(CLI::Range(0, int{kMaxEdge}));
  add->callback([&] { program.with_settings = [](const Settings& s) { return add_edge(s, new_edge); }; });

  static std::string file;
  auto* seed_command = app.add_subcommand("seed", "load teams, networks, destinations and campaigns from a file");
  seed_command->add_option("file", file, "for example conf/demo.yaml")->required();
  seed_command->callback([&] { program.with_settings = [](const Settings& s) { return seed(s, file); }; });
}

void add_explain_command(CLI::App& app, Program& program) {
  static ExplainOptions options;
  auto* command = app.add_subcommand("explain", "tell why a click goes, or went, where it does; writes nothing");
  command->add_option("url", options.url, "what the visitor opened: https://host/c/slug?query, or from the path on");
  command->add_option("--click", options.click, "a recorded click, by the id in its URL or by its uuid");
  command->add_option("--ip", options.ip, "address of the visitor");
  command->add_option("--ua", options.agent, "User-Agent");
  command->add_option("--referrer", options.referrer, "Referer");
  command->add_option("--header", options.headers, "another header, NAME: VALUE; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--method", options.method, "GET or HEAD");
  command->add_option("--at", options.at, "when, as in 2026-01-31T12:00:00Z; default: now");
  command->add_option("--turn", options.turn, "place in the rotation of the stream; default: 0");
  command->add_option("--prefix", options.prefix, "of the location with tributary_redirect; default: /c/");
  command->add_option("--generation", options.generation, "EPOCH-COUNTER; default: the newest");
  command->add_option("--snapshot", options.snapshot, "a snapshot file, in the place of the database");
  command->add_flag("--json", options.json, "for programs: what POST /api/v1/explain answers");
  command->callback([&] { program.with_settings = [](const Settings& s) { return explain(s, options); }; });
}

int run(const Program& program) {
  if (program.alone) return program.alone();
  const auto settings = load_settings(program.config);
  log::start(log::level_from(settings.text("log.level")), log::format_from(settings.text("log.format")));
  return program.with_settings(settings);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Tributary's control plane: REST API, snapshot compiler and pusher", "tributary-admin");
  app.fallthrough();  // --config may stand after the subcommand too
  Program program;
  app.add_option("-c,--config", program.config, "settings file; without it defaults and the environment count");
  app.require_subcommand(1);
  app.add_subcommand("serve", "answer requests and keep the edges up to date")->callback([&] {
    program.with_settings = serve;
  });
  app.add_subcommand("routes", "list every route as JSON")->callback([&] { program.alone = list_routes; });
  app.add_subcommand("settings", "print every setting with its default")->callback([&] {
    program.alone = [] {
      std::cout << describe_settings(settings_schema());
      return 0;
    };
  });
  add_database_commands(app, program);
  add_key_commands(app, program);
  add_entity_commands(app, program);
  add_explain_command(app, program);
  CLI11_PARSE(app, argc, argv);
  try {
    if (sodium_init() < 0) throw std::runtime_error("libsodium cannot start");
    return run(program);
  } catch (const std::exception& error) {
    std::cerr << "tributary-admin: " << error.what() << "\n";
    return 1;
  }
}
