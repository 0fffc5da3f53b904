#include "ingestor/conversion/conversion_rows.h"

#include "core/base/utf8.h"
#include "core/click_id/click_uuid.h"

namespace tributary::ingest {
namespace {

using Keys = std::vector<const PostbackFact*>;

constexpr const char* kLock = R"sql(
  SELECT c.id, c.attribution = 'attributed' AND c.click IS NOT NULL,
    c.postbacks, c.first_standing, (extract(epoch FROM c.last_received_at) * 1000000)::bigint,
    c.status, c.raw_status, c.verified, c.status_standing,
    c.payout, c.revenue, c.cost, c.currency, c.money_standing,
    c.click, c.click_text, c.click_standing,
    c.campaign, c.team, c.advertiser, coalesce(k.bucket_minutes, 60),
    CASE WHEN c.attribution = 'awaiting_click' THEN 0 ELSE c.affiliate END
  FROM unnest($1::integer[], $2::smallint[], $3::text[], $4::text[])
    WITH ORDINALITY AS n (owner, kind, event, subject, place)
  JOIN events.conversions c
    ON c.key_owner = n.owner AND c.key_kind = n.kind AND c.key_event = n.event AND c.key_subject = n.subject
  LEFT JOIN events.known_campaigns k ON k.campaign = c.campaign
  ORDER BY n.place
  FOR UPDATE OF c)sql";

// A number of an edge may come again after a reboot: no reason to refuse money, but somebody should know.
constexpr const char* kRepeatedIds = R"sql(
  INSERT INTO events.incidents (kind, detail)
  SELECT DISTINCT 'other', format('conversion id %s belongs to %s conversions', n.id, found.number)
  FROM unnest($1::bigint[]) AS n (id)
  CROSS JOIN LATERAL (SELECT count(*) AS number FROM events.conversions c WHERE c.id = n.id) found
  WHERE found.number > 1)sql";

template <typename Item, typename Write>
void column(Params& params, std::uint32_t array, std::uint32_t element, const std::vector<Item>& items, Write write) {
  params.array(array, element, items, write);
}

void add_key_columns(Params& params, const Keys& keys) {
  column(params, oid::kInt4Array, oid::kInt4, keys, [](BinaryWriter& out, auto* f) { out.int4(f->key.owner); });
  column(params, oid::kInt2Array, oid::kInt2, keys,
         [](BinaryWriter& out, auto* f) { out.int2(static_cast<std::int16_t>(f->key.kind)); });
  column(params, oid::kTextArray, oid::kText, keys, [](BinaryWriter& out, auto* f) { out.text(f->key.event); });
  column(params, oid::kTextArray, oid::kText, keys, [](BinaryWriter& out, auto* f) { out.text(f->key.subject); });
}

std::optional<std::int64_t> amount(const QueryResult& rows, int row, int column_number) {
  if (rows.is_null(row, column_number)) return std::nullopt;
  return rows.micros(row, column_number);
}

ClickReference click_of(const QueryResult& rows, int row) {
  ClickReference click;
  click.campaign = static_cast<std::int32_t>(rows.integer(row, 17));
  click.text = rows.text(row, 15);
  if (rows.is_null(row, 14)) return click;
  click.id = click_identity(rows.uuid(row, 14));
  return click;
}

StoredConversion read_conversion(const QueryResult& rows, int row) {
  StoredConversion conversion;
  conversion.id = rows.integer(row, 0);
  ConversionState& state = conversion.state;
  state.postbacks = static_cast<std::int32_t>(rows.integer(row, 2));
  conversion.attributed = rows.boolean(row, 1);
  state.first = decode_standing(rows.bytes(row, 3));
  state.last_us = static_cast<std::uint64_t>(rows.integer(row, 4));
  state.status = static_cast<ConversionStatus>(rows.integer(row, 5));
  state.raw_status = rows.text(row, 6);
  state.verified = rows.boolean(row, 7);
  state.status_from = decode_standing(rows.bytes(row, 8));
  state.amounts = {amount(rows, row, 9), amount(rows, row, 10), amount(rows, row, 11), std::string(rows.text(row, 12))};
  state.money_from = decode_standing(rows.bytes(row, 13));
  state.click = click_of(rows, row);
  state.click_from = decode_standing(rows.bytes(row, 16));
  state.owner.campaign = state.click.campaign;
  state.owner.team = rows.uuid(row, 18);
  state.owner.advertiser = static_cast<std::int32_t>(rows.integer(row, 19));
  state.owner.bucket_minutes = static_cast<std::int32_t>(rows.integer(row, 20));
  conversion.affiliate = static_cast<std::int32_t>(rows.integer(row, 21));
  return conversion;
}

}  // namespace

void report_repeated_ids(Connection& connection, const std::vector<std::int64_t>& fresh) {
  if (fresh.empty()) return;
  Params ids;
  column(ids, oid::kInt8Array, oid::kInt8, fresh, [](BinaryWriter& out, std::int64_t id) { out.int8(id); });
  connection.execute(kRepeatedIds, ids);
}

std::vector<StoredConversion> lock_conversions(Connection& connection, const Keys& keys) {
  Params params;
  add_key_columns(params, keys);
  const QueryResult rows = connection.execute(kLock, params);
  std::vector<StoredConversion> conversions;
  conversions.reserve(keys.size());
  for (int row = 0; row < rows.rows(); ++row) conversions.push_back(read_conversion(rows, row));
  return conversions;
}

}  // namespace tributary::ingest
