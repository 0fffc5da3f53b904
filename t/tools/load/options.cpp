#include "t/tools/load/options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fstream>

namespace tributary::load {
namespace {

std::vector<std::string> read_lines(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  if (lines.empty()) throw CLI::ValidationError(path + " cannot be read or is empty");
  return lines;
}

void take_calls(Options& o) {
  if (o.calls.empty()) return;
  if (o.rate == 0) throw CLI::ValidationError("--calls wants a --rate");
  for (const std::string& call : o.calls) {
    if (call.find("\t/") == std::string::npos) throw CLI::ValidationError("--calls wants ID<tab>PATH, not " + call);
  }
  // Half a call more, so that rounding leaves none out.
  o.duration_s = (static_cast<double>(o.calls.size()) + 0.5) / o.rate;
}

}  // namespace

Options parse_options(int argc, char** argv) {
  Options o;
  CLI::App app{
      "Open-loop load generator: latency counts from the moment a request was due, not from when it was sent."};
  app.add_option("--address", o.address, "IPv4 address of the server");
  app.add_option("--port", o.port, "port of the server")->required();
  app.add_option("--host", o.host, "Host header");
  app.add_option("--rate", o.rate, "requests per second; 0: as fast as the connections allow")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--duration", o.duration_s, "seconds")->check(CLI::PositiveNumber);
  app.add_option("--connections", o.connections, "connections at once")->check(CLI::Range(1, 4096));
  app.add_flag("--close", o.close, "Connection: close, one connection per request");
  app.add_option("--click", o.click, "path of a click; {uid} is the request's id, {n} a campaign from 1");
  app.add_option("--postback", o.postback, "path of a postback; {click} is a click id received before");
  app.add_option("--postback-share", o.postback_share, "share of postbacks")->check(CLI::Range(0.0, 1.0));
  app.add_option("--repeat-share", o.repeat_share, "share of the postbacks that repeat an earlier one")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--click-parameter", o.click_parameter, "parameter of Location that holds the click id");
  app.add_option("--campaigns", o.campaigns, "{n} is drawn from 1 to this, low numbers more often")
      ->check(CLI::PositiveNumber);
  app.add_option_function<std::string>(
      "--agents", [&](const std::string& path) { o.agents = read_lines(path); },
      "file with a user agent on each line; drawn for every request, upper ones more often");
  app.add_option("--run", o.run, "first part of every request's id");
  app.add_option("--out", o.out, "file for one line per request");
  app.add_option_function<std::string>(
      "--calls", [&](const std::string& path) { o.calls = read_lines(path); },
      "file with ID<tab>PATH on each line: these requests, in this order; wants a --rate, which says how long it "
      "takes");
  app.add_option("--timeout", o.timeout_s, "seconds until a request without an answer has failed");
  app.add_option("--drain", o.drain_s, "seconds to wait for answers after the last request was due");
  app.add_option("--seed", o.seed, "of the choice of campaigns and postbacks");
  try {
    app.parse(argc, argv);
    take_calls(o);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));  // NOLINT(concurrency-mt-unsafe): no threads yet
  }
  return o;
}

}  // namespace tributary::load
