#include <algorithm>
#include <charconv>

#include "admin-api/api/external_click_routes.h"
#include "admin-api/api/problem.h"
#include "admin-api/api/this_host.h"

// Whether the click that an affiliate's postback names is stored: edges ask, through an internal location of nginx.
// Reads only; what becomes of the postback is the ingestor's to say.
namespace tributary::admin {
namespace {

constexpr const char* kFind = R"sql(
SELECT count(*) FROM (
  SELECT FROM events.external_clicks WHERE affiliate = $1 AND external_click_id = $2 LIMIT 2
) AS found)sql";

// Every journal that may hold a click before the call is drained as far as its worker had written: the asking edge says
// how far, of each of its workers. Of another edge that is not known, not even when it has no journal here yet.
constexpr const char* kDrained = R"sql(
SELECT NOT EXISTS (SELECT FROM config.edges WHERE number <> $1 AND state <> 'deleted') AND NOT EXISTS (
    SELECT FROM events.journals AS j
    WHERE j.finished_at IS NULL
      AND NOT EXISTS (SELECT FROM unnest($2::integer[]) AS said (slot) WHERE j.edge = $1 AND j.slot = said.slot)
  ) AND NOT EXISTS (
    SELECT FROM unnest($2::integer[], $3::bigint[], $4::bigint[]) AS said (slot, position, started_s)
    WHERE said.position > 0 AND NOT EXISTS (
      SELECT FROM events.journals AS j
      WHERE j.edge = $1 AND j.slot = said.slot AND j.finished_at IS NULL AND j.next_position >= said.position
        AND j.created_at >= to_timestamp(said.started_s))
  ))sql";

std::int64_t number(std::string_view text) {
  std::int64_t value = -1;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || value < 0) {
    throw ApiError(400, "malformed_argument", "\"" + std::string(text) + "\" is not a number");
  }
  return value;
}

// "slot:position:started,..." as three literals of arrays.
struct Slots {
  std::string slots = "{", positions = "{", started = "{";
};

Slots read_slots(std::string_view text) {
  Slots read;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view item = text.substr(0, comma);
    for (std::string* list : {&read.slots, &read.positions, &read.started}) {
      const std::size_t colon = std::min(item.find(':'), item.size());
      *list += (list->size() > 1 ? "," : "") + std::to_string(number(item.substr(0, colon)));
      item.remove_prefix(std::min(colon + 1, item.size()));
    }
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  for (std::string* list : {&read.slots, &read.positions, &read.started}) *list += "}";
  return read;
}

// 204: there is one; 300: in several campaigns; 410: there was none before the question; 404: not known.
http::Response find_click(Context& context) {
  require_this_host(context);
  context.allow_arguments({"affiliate", "click_id", "edge", "slots"});
  ScopedTransaction transaction(context.services.pool, kSystemScope, TransactionKind::read_only);
  const Slots slots = read_slots(context.argument("slots"));
  // Judged before the click is looked for: what is drained then was stored before.
  const bool drained = transaction
                           .execute(kDrained, Params()
                                                  .int4(static_cast<std::int32_t>(number(context.argument("edge"))))
                                                  .untyped(slots.slots)
                                                  .untyped(slots.positions)
                                                  .untyped(slots.started))
                           .boolean(0, 0);
  const auto found = transaction
                         .execute(kFind, Params()
                                             .int4(static_cast<std::int32_t>(number(context.argument("affiliate"))))
                                             .text(context.argument("click_id")))
                         .integer(0, 0);
  if (found > 0) return http::Response{found > 1 ? 300 : 204, {}, {}};
  return http::Response{drained ? 410 : 404, {}, {}};
}

}  // namespace

void add_external_click_routes(Routes& routes) {
  routes.push_back({"GET", "/internal/external-click", Access::open, find_click});
}

}  // namespace tributary::admin
