#include "ingestor/events/columns.h"
#include "ingestor/events/rows.h"

namespace tributary::ingest {

namespace {

constexpr std::string_view kOwnColumns =
    "network, affiliate, campaign, verdict, status, verified, team, click, payout, revenue, cost, currency, address,"
    " click_text, transaction, raw_status, event, custom, method, uri, body, signature";
constexpr std::int16_t kColumnCount = 2 + kRecordColumnCount + 22;

void write_amount(BinaryWriter& out, bool given, std::int64_t micros) {
  if (given) return out.money(micros);
  out.null();
}

// These two columns are never null.
void write_present_text(BinaryWriter& out, std::string_view text) {
  if (text.empty()) return out.text(text);
  write_text(out, text);
}

void write_bytes(BinaryWriter& out, std::string_view bytes) {
  if (bytes.empty()) return out.null();
  out.bytes({bytes.data(), bytes.size()});
}

void write_call(BinaryWriter& out, const Postback& postback) {
  write_present_text(out, postback.method);
  write_present_text(out, postback.uri);
  write_bytes(out, postback.body);
  write_bytes(out, postback.signature);
}

}  // namespace

const std::string& postback_table() {
  static const std::string target =
      copy_target("events.postbacks", {"time, conversion_id", kRecordColumns, kOwnColumns});
  return target;
}

void write_postback_row(RowBuffer& rows, const EventHeader& header, const Postback& postback, const Owner& owner,
                        const RowIdentity& identity) {
  BinaryWriter& out = rows.begin_row(kColumnCount);
  out.timestamptz(static_cast<std::int64_t>(header.time_us));
  out.int8(static_cast<std::int64_t>(postback.conversion_id));
  write_record(out, header, identity);
  out.int4(static_cast<std::int32_t>(postback.network));
  out.int4(static_cast<std::int32_t>(postback.affiliate));
  out.int4(owner.campaign);
  out.int2(static_cast<std::int16_t>(postback.verdict));
  out.int2(static_cast<std::int16_t>(postback.status));
  out.boolean(postback.verified);
  out.uuid(owner.team);
  write_click(out, postback.click);
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
  write_call(out, postback);
}

}  // namespace tributary::ingest
