#include "ingestor/events/columns.h"
#include "ingestor/events/rows.h"

namespace tributary::ingest {
namespace {

constexpr std::string_view kOwnColumns =
    "campaign, stream, lander, destination, reason, labels, offer, status, id, click, team";
constexpr std::int16_t kColumnCount = 1 + kRecordColumnCount + 11 + kRequestColumnCount + kVisitorColumnCount;

}  // namespace

const std::string& lander_click_table() {
  static const std::string target =
      copy_target("events.lander_clicks", {"time", kRecordColumns, kOwnColumns, kRequestColumns, kVisitorColumns});
  return target;
}

void write_lander_click_row(RowBuffer& rows, const EventHeader& header, const LanderClick& lander_click,
                            const VisitorFacts& facts, const Owner& owner, const RowIdentity& identity) {
  BinaryWriter& out = rows.begin_row(kColumnCount);
  out.timestamptz(static_cast<std::int64_t>(click_time_us(lander_click.id)));
  write_record(out, header, identity);
  out.int4(owner.campaign);
  out.int4(static_cast<std::int32_t>(lander_click.stream));
  out.int4(static_cast<std::int32_t>(lander_click.lander));
  out.int4(static_cast<std::int32_t>(lander_click.destination));
  out.int2(static_cast<std::int16_t>(lander_click.reason));
  out.int2(static_cast<std::int16_t>(lander_click.visit.labels));
  out.int2(static_cast<std::int16_t>(lander_click.offer));
  out.int2(static_cast<std::int16_t>(lander_click.status));
  write_click(out, lander_click.id);
  write_click(out, lander_click.click);
  out.uuid(owner.team);
  write_request(out, lander_click.visit, lander_click.tracking);
  write_visitor(out, facts, lander_click.visit.labels);
}

}  // namespace tributary::ingest
