#include "ingestor/events/columns.h"
#include "ingestor/events/rows.h"

namespace tributary::ingest {

const char* const kTrafficbackTable =
    "events.trafficbacks (time, position, batch, generation, epoch, journal, campaign, edge, slot, reason, level, hops,"
    " labels, status, id, team, cost, currency, address, user_agent, referrer, language, host, query,"
    " external_id, keyword, utm_source, utm_medium, utm_campaign, utm_content, utm_term, sub_ids)";

namespace {
constexpr std::int16_t kColumns = 32;
}

std::uint64_t trafficback_time_us(const EventHeader& header, const Trafficback& trafficback) noexcept {
  return trafficback.id.empty() ? header.time_us : click_time_us(trafficback.id);
}

void write_trafficback_row(RowBuffer& rows, const EventHeader& header, const Trafficback& trafficback,
                           const Owner& owner, const RowIdentity& identity) {
  BinaryWriter& out = rows.begin_row(kColumns);
  out.timestamptz(static_cast<std::int64_t>(trafficback_time_us(header, trafficback)));
  out.int8(static_cast<std::int64_t>(identity.position));
  out.int8(0);  // batch
  out.int8(static_cast<std::int64_t>(header.generation));
  out.int4(static_cast<std::int32_t>(header.epoch));
  out.int4(static_cast<std::int32_t>(identity.journal));
  out.int4(owner.campaign);
  out.int2(static_cast<std::int16_t>(header.edge));
  out.int2(static_cast<std::int16_t>(header.slot));
  out.int2(static_cast<std::int16_t>(trafficback.reason));
  out.int2(static_cast<std::int16_t>(trafficback.level));
  out.int2(static_cast<std::int16_t>(trafficback.hops));
  out.int2(static_cast<std::int16_t>(trafficback.visit.labels));
  out.int2(static_cast<std::int16_t>(trafficback.status));
  if (trafficback.id.empty()) {
    out.null();
  } else {
    out.uuid(trafficback.id.high, trafficback.id.low);
  }
  out.uuid(owner.team);
  write_cost(out, trafficback.tracking.cost_micros, trafficback.tracking.currency);
  write_visit(out, trafficback.visit);
  write_text(out, trafficback.tracking.external_id);
  write_text(out, trafficback.tracking.keyword);
  write_utm(out, trafficback.tracking);
  write_numbered(out, trafficback.tracking.sub_ids);
}

}  // namespace tributary::ingest
