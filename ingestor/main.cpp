#include <CLI/CLI.hpp>
#include <cstdio>
#include <ctime>

#include "ingestor/commands/commands.h"
#include "platform/postgres/error.h"

namespace {

using namespace tributary;
using namespace tributary::ingest;

constexpr int kBadUsage = 2;

std::string today_utc() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
}

struct Arguments {
  std::string config;
  bool print_settings = false;
  RedriveSelection redrive;
  std::string journal_path;
  std::string run_path;
  RecountSelection recount;
};

void declare(CLI::App& app, Arguments& arguments) {
  app.set_version_flag("--version", "tributary-ingestor " TRIBUTARY_VERSION);
  app.add_option("-c,--config", arguments.config, "settings file; without it, defaults and environment");
  app.add_flag("--print-settings", arguments.print_settings, "print every key with its default and documentation");
  app.fallthrough();
  app.require_subcommand(0, 1);
  app.add_subcommand("run", "read journals into PostgreSQL until SIGTERM (the default)");
  app.add_subcommand("check", "check settings, connection, rights and journals");

  CLI::App* redrive = app.add_subcommand("redrive", "store dead letters again, each exactly once");
  CLI::Option_group* which = redrive->add_option_group("which");
  which->add_flag("--all", arguments.redrive.all, "all that are open");
  which->add_option("--id", arguments.redrive.id, "this one of events.ingestion_errors");
  which->add_option("--reason", arguments.redrive.reason, "all with this reason");
  which->require_option(1);

  CLI::App* journal = app.add_subcommand("journal", "look into journals; stop the ingestor before dump and verify");
  journal->require_subcommand(1);
  journal->add_subcommand("list", "journals in the directories of the settings");
  for (const char* name : {"dump", "verify"}) {
    CLI::App* command = journal->add_subcommand(
        name, name == std::string("dump") ? "one line per record" : "count what checks and what does not");
    command->add_option("PATH", arguments.journal_path, "directory of the segments")->required();
    command->add_option("--run-path", arguments.run_path, "directory of the rings");
  }

  CLI::App* recount = app.add_subcommand("recount", "compare rollups with raw rows, day by day");
  recount->add_option("--from", arguments.recount.from_day, "first UTC day, YYYY-MM-DD; today without it");
  recount->add_option("--to", arguments.recount.to_day, "last UTC day; the first without it");
  recount->add_flag("--repair", arguments.recount.repair,
                    "add to the rollups what they lack; safe while events arrive");
}

RecountSelection with_days(RecountSelection selection) {
  if (selection.from_day.empty()) selection.from_day = today_utc();
  if (selection.to_day.empty()) selection.to_day = selection.from_day;
  return selection;
}

int execute(const CLI::App& app, const Arguments& arguments) {
  if (arguments.print_settings) {
    std::fputs(describe_settings(ingestor_settings_schema()).c_str(), stdout);
    return 0;
  }
  if (const auto* journal = app.get_subcommand("journal"); journal->parsed() && !journal->got_subcommand("list")) {
    return journal->got_subcommand("dump") ? journal_dump_command(arguments.journal_path, arguments.run_path)
                                           : journal_verify_command(arguments.journal_path, arguments.run_path);
  }
  const IngestorSettings settings = load_ingestor_settings(arguments.config);
  if (app.got_subcommand("journal")) return journal_list_command(settings);
  if (app.got_subcommand("check")) return check_command(settings);
  if (app.got_subcommand("redrive")) return redrive_command(settings, arguments.redrive);
  if (app.got_subcommand("recount")) return recount_command(settings, with_days(arguments.recount));
  return run_command(settings);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Reads the journals of Tributary into PostgreSQL, every record exactly once.", "tributary-ingestor");
  Arguments arguments;
  declare(app, arguments);
  CLI11_PARSE(app, argc, argv);
  try {
    return execute(app, arguments);
  } catch (const SettingsError& error) {
    std::fprintf(stderr, "tributary-ingestor: %s\n", error.what());
    return kBadUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tributary-ingestor: %s\n", error.what());
    return 1;
  }
}
