#include "ingestor/events/columns.h"
#include "ingestor/events/rows.h"

namespace tributary::ingest {

const char* const kClickTable =
    "events.clicks (time, number, position, batch, generation, epoch, journal,"
    " campaign, stream, destination, source, advertiser, affiliate, link, edge, slot, reason, uniqueness, labels, "
    "status,"
    " id, team, cost, currency, address, user_agent, referrer, language, host, query,"
    " external_click_id, external_id, keyword,"
    " utm_source, utm_medium, utm_campaign, utm_content, utm_term, sub_ids)";

namespace {
constexpr std::int16_t kColumns = 39;
}

std::uint64_t click_time_us(const ClickIdentity& id) noexcept {
  return unpack_click_id(id).time_ms * 1000;
}

void write_click_row(RowBuffer& rows, const EventHeader& header, const Click& click, const Owner& owner,
                     const RowIdentity& identity) {
  BinaryWriter& out = rows.begin_row(kColumns);
  out.timestamptz(static_cast<std::int64_t>(click_time_us(click.id)));
  out.int8(static_cast<std::int64_t>(click.number));
  out.int8(static_cast<std::int64_t>(identity.position));
  out.int8(0);  // batch
  out.int8(static_cast<std::int64_t>(header.generation));
  out.int4(static_cast<std::int32_t>(header.epoch));
  out.int4(static_cast<std::int32_t>(identity.journal));
  out.int4(owner.campaign);
  out.int4(static_cast<std::int32_t>(click.stream));
  out.int4(static_cast<std::int32_t>(click.destination));
  out.int4(static_cast<std::int32_t>(click.source));
  out.int4(owner.advertiser);
  out.int4(static_cast<std::int32_t>(click.affiliate));
  out.int4(static_cast<std::int32_t>(click.link));
  out.int2(static_cast<std::int16_t>(header.edge));
  out.int2(static_cast<std::int16_t>(header.slot));
  out.int2(static_cast<std::int16_t>(click.reason));
  out.int2(static_cast<std::int16_t>(click.unique));
  out.int2(static_cast<std::int16_t>(click.visit.labels));
  out.int2(static_cast<std::int16_t>(click.status));
  out.uuid(click.id.high, click.id.low);
  out.uuid(owner.team);
  write_cost(out, click.tracking.cost_micros, click.tracking.currency);
  write_visit(out, click.visit);
  write_text(out, click.external_click_id);
  write_text(out, click.tracking.external_id);
  write_text(out, click.tracking.keyword);
  write_utm(out, click.tracking);
  write_numbered(out, click.tracking.sub_ids);
}

}  // namespace tributary::ingest
