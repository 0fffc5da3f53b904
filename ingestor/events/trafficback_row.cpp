#include "ingestor/events/columns.h"
#include "ingestor/events/rows.h"

namespace tributary::ingest {
namespace {

constexpr std::string_view kOwnColumns =
    "campaign, reason, level, hops, labels, status, id, team, click, stream, lander, offer";
constexpr std::int16_t kColumnCount =
    1 + kRecordColumnCount + 12 + kCostColumnCount + kRequestColumnCount + kVisitorColumnCount;

}  // namespace

const std::string& trafficback_table() {
  static const std::string target = copy_target(
      "events.trafficbacks", {"time", kRecordColumns, kOwnColumns, kCostColumns, kRequestColumns, kVisitorColumns});
  return target;
}

std::uint64_t trafficback_time_us(const EventHeader& header, const Trafficback& trafficback) noexcept {
  return trafficback.id.empty() ? header.time_us : click_time_us(trafficback.id);
}

void write_trafficback_row(RowBuffer& rows, const EventHeader& header, const Trafficback& trafficback,
                           const VisitorFacts& facts, const Owner& owner, const RowIdentity& identity) {
  BinaryWriter& out = rows.begin_row(kColumnCount);
  out.timestamptz(static_cast<std::int64_t>(trafficback_time_us(header, trafficback)));
  write_record(out, header, identity);
  out.int4(owner.campaign);
  out.int2(static_cast<std::int16_t>(trafficback.reason));
  out.int2(static_cast<std::int16_t>(trafficback.level));
  out.int2(static_cast<std::int16_t>(trafficback.hops));
  out.int2(static_cast<std::int16_t>(trafficback.visit.labels));
  out.int2(static_cast<std::int16_t>(trafficback.status));
  write_click(out, trafficback.id);
  out.uuid(owner.team);
  write_click(out, trafficback.click);
  out.int4(static_cast<std::int32_t>(trafficback.stream));
  out.int4(static_cast<std::int32_t>(trafficback.lander));
  out.int2(static_cast<std::int16_t>(trafficback.offer));
  write_cost(out, trafficback.tracking);
  write_request(out, trafficback.visit, trafficback.tracking);
  write_visitor(out, facts, trafficback.visit.labels);
}

}  // namespace tributary::ingest
