#include "ingestor/events/columns.h"
#include "ingestor/events/rows.h"

namespace tributary::ingest {
namespace {

constexpr std::string_view kOwnColumns =
    "campaign, stream, destination, source, advertiser, affiliate, link, reason, uniqueness, labels, status, id, team,"
    " external_click_id, lander";
constexpr std::int16_t kColumnCount =
    2 + kRecordColumnCount + 15 + kCostColumnCount + kRequestColumnCount + kVisitorColumnCount;

}  // namespace

const std::string& click_table() {
  static const std::string target = copy_target(
      "events.clicks", {"time, number", kRecordColumns, kOwnColumns, kCostColumns, kRequestColumns, kVisitorColumns});
  return target;
}

std::uint64_t click_time_us(const ClickIdentity& id) noexcept {
  return unpack_click_id(id).time_ms * 1000;
}

void write_click_row(RowBuffer& rows, const EventHeader& header, const Click& click, const VisitorFacts& facts,
                     const Owner& owner, const RowIdentity& identity) {
  BinaryWriter& out = rows.begin_row(kColumnCount);
  out.timestamptz(static_cast<std::int64_t>(click_time_us(click.id)));
  out.int8(static_cast<std::int64_t>(click.number));
  write_record(out, header, identity);
  out.int4(owner.campaign);
  out.int4(static_cast<std::int32_t>(click.stream));
  out.int4(static_cast<std::int32_t>(click.destination));
  out.int4(static_cast<std::int32_t>(click.source));
  out.int4(owner.advertiser);
  out.int4(static_cast<std::int32_t>(click.affiliate));
  out.int4(static_cast<std::int32_t>(click.link));
  out.int2(static_cast<std::int16_t>(click.reason));
  out.int2(static_cast<std::int16_t>(click.unique));
  out.int2(static_cast<std::int16_t>(click.visit.labels));
  out.int2(static_cast<std::int16_t>(click.status));
  write_click(out, click.id);
  out.uuid(owner.team);
  write_text(out, click.external_click_id);
  out.int4(static_cast<std::int32_t>(click.lander));
  write_cost(out, click.tracking);
  write_request(out, click.visit, click.tracking);
  write_visitor(out, facts, click.visit.labels);
}

}  // namespace tributary::ingest
