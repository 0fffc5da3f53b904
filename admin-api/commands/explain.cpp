#include <algorithm>
#include <boost/json/serialize.hpp>
#include <iostream>

#include "admin-api/api/problem.h"
#include "admin-api/commands/commands.h"
#include "admin-api/explain/explain_click.h"
#include "admin-api/explain/explain_request.h"
#include "admin-api/explain/explain_tree.h"
#include "admin-api/explain/visitor_lookup.h"
#include "admin-api/runtime.h"
#include "core/base/clock.h"
#include "core/snapshot/snapshot_file.h"
#include "platform/log/log.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

json::object body_of(const ExplainOptions& options) {
  json::object body;
  const std::pair<const char*, const std::string*> texts[] = {{"click", &options.click},
                                                              {"url", &options.url},
                                                              {"ip", &options.ip},
                                                              {"user_agent", &options.agent},
                                                              {"referrer", &options.referrer},
                                                              {"at", &options.at},
                                                              {"method", &options.method},
                                                              {"generation", &options.generation},
                                                              {"prefix", &options.prefix}};
  for (const auto& [name, text] : texts) {
    if (!text->empty()) body[name] = *text;
  }
  if (options.turn >= 0) body["turn"] = options.turn;
  json::object headers;
  for (const auto& header : options.headers) {
    const auto colon = header.find(':');
    if (colon == std::string::npos) throw std::runtime_error("--header \"" + header + "\": write NAME: VALUE");
    const auto value = header.find_first_not_of(' ', colon + 1);
    headers[header.substr(0, colon)] = value == std::string::npos ? "" : header.substr(value);
  }
  if (!headers.empty()) body["headers"] = std::move(headers);
  return body;
}

// What is wrong, in words for a terminal.
std::string in_words(const ApiError& error) {
  std::string text = error.what();
  for (const auto& [field, reason] : error.fields()) text.append("; ").append(field).append(" ").append(reason);
  return text;
}

// By a snapshot file alone: no database, so nothing is known of what was counted.
json::object explain_by_file(const Settings& settings, const ExplainOptions& options) {
  if (!options.click.empty()) throw std::runtime_error("--click needs the database: leave --snapshot out");
  auto file = SnapshotFile::open_path(options.snapshot);
  if (!file) throw std::runtime_error(options.snapshot + ": " + file.error().message);
  const auto view = SnapshotView::over(file->bytes());
  if (!view) throw std::runtime_error(options.snapshot + ": " + view.error().message);
  try {
    const AskedClick click = read_asked_click(body_of(options), wall_clock_ms());
    VisitorLookup lookup(settings.text("geo.files"), settings.text("user_agents.rules"));
    AskedVisitor visitor(click, lookup);
    UnknownState state;
    auto answer = explain_click(click, **view, visitor, state);
    answer["generation"] = generation_text((*view)->generation());
    answer["state"] = json::object{{"caps", "unknown"}, {"visits", "unknown"}, {"health", "unknown"}};
    return answer;
  } catch (const ApiError& error) {
    throw std::runtime_error(in_words(error));
  }
}

}  // namespace

int explain(const Settings& settings, const ExplainOptions& options) {
  // For a person at a terminal: which data files are in use is nothing to report.
  log::start(std::max(log::level_from(settings.text("log.level")), log::Level::warning),
             log::format_from(settings.text("log.format")));
  if (options.url.empty() == options.click.empty()) throw std::runtime_error("give a URL or --click ID");
  json::object answer;
  if (!options.snapshot.empty()) {
    answer = explain_by_file(settings, options);
  } else {
    Runtime runtime(settings, Runtime::Purpose::command);
    answer = runtime.call("POST", "/api/v1/explain", json::serialize(body_of(options))).as_object();
  }
  if (options.json) {
    std::cout << json::serialize(answer) << "\n";
  } else {
    print_explanation(answer, std::cout);
  }
  return answer.contains("same") && !answer["same"].as_bool() ? 1 : 0;
}

}  // namespace tributary::admin
