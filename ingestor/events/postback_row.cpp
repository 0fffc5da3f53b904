#include "ingestor/events/columns.h"
#include "ingestor/events/rows.h"

namespace tributary::ingest {

const char* const kPostbackTable =
    "events.postbacks (time, conversion_id, position, batch, generation, epoch, journal, network, affiliate, campaign,"
    " edge, slot, verdict, status, verified, team, click, payout, revenue, cost, currency, address, click_text,"
    " transaction, raw_status, event, custom, method, uri, body)";

namespace {

constexpr std::int16_t kColumns = 30;

void write_amount(BinaryWriter& out, bool given, std::int64_t micros) {
  if (given) return out.money(micros);
  out.null();
}

// These two columns are never null.
void write_present_text(BinaryWriter& out, std::string_view text) {
  if (text.empty()) return out.text(text);
  write_text(out, text);
}

void write_request(BinaryWriter& out, const Postback& postback) {
  write_present_text(out, postback.method);
  write_present_text(out, postback.uri);
  if (postback.body.empty()) return out.null();
  out.bytes({postback.body.data(), postback.body.size()});
}

}  // namespace

void write_postback_row(RowBuffer& rows, const EventHeader& header, const Postback& postback, const Owner& owner,
                        const RowIdentity& identity) {
  BinaryWriter& out = rows.begin_row(kColumns);
  out.timestamptz(static_cast<std::int64_t>(header.time_us));
  out.int8(static_cast<std::int64_t>(postback.conversion_id));
  out.int8(static_cast<std::int64_t>(identity.position));
  out.int8(0);  // batch
  out.int8(static_cast<std::int64_t>(header.generation));
  out.int4(static_cast<std::int32_t>(header.epoch));
  out.int4(static_cast<std::int32_t>(identity.journal));
  out.int4(static_cast<std::int32_t>(postback.network));
  out.int4(static_cast<std::int32_t>(postback.affiliate));
  out.int4(owner.campaign);
  out.int2(static_cast<std::int16_t>(header.edge));
  out.int2(static_cast<std::int16_t>(header.slot));
  out.int2(static_cast<std::int16_t>(postback.verdict));
  out.int2(static_cast<std::int16_t>(postback.status));
  out.boolean(postback.verified);
  out.uuid(owner.team);
  if (postback.click.empty()) {
    out.null();
  } else {
    out.uuid(postback.click.high, postback.click.low);
  }
  write_amount(out, postback.payout_given, postback.payout_micros);
  write_amount(out, postback.revenue_given, postback.revenue_micros);
  write_amount(out, postback.cost_micros != 0, postback.cost_micros);
  write_text(out, postback.currency);
  out.inet(postback.address);
  write_text(out, postback.click_text);
  write_text(out, postback.transaction);
  write_text(out, postback.raw_status);
  write_text(out, postback.event);
  write_numbered(out, postback.custom);
  write_request(out, postback);
}

}  // namespace tributary::ingest
