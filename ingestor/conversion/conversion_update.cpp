#include <stdexcept>
#include <string>
#include <string_view>

#include "core/base/utf8.h"
#include "ingestor/conversion/conversion_rows.h"

namespace tributary::ingest {
namespace {

// The rows of both statements: what add_columns() adds, in its order.
const std::string kRows = R"sql(unnest(
      $2::integer[], $3::integer[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::integer[],
      $8::integer[], $9::integer[], $10::integer[], $11::uuid[], $12::smallint[], $13::text[], $14::boolean[],
      $15::timestamptz[], $16::numeric[], $17::numeric[], $18::numeric[], $19::text[], $20::timestamptz[], $21::uuid[],
      $22::text[], $23::text[], $24::text[], $25::bytea[], $26::bytea[], $27::bytea[], $28::bytea[], $29::text[],
      $30::smallint[], $31::text[], $32::text[], $33::bigint[])
    WITH ORDINALITY AS n (owner, postbacks, first_at, last_at, click_time, network, affiliate, campaign, advertiser,
      team, status, raw_status, verified, status_at, payout, revenue, cost, currency, money_at, click, click_text,
      transaction, event, first_standing, click_standing, status_standing, money_standing, attribution,
      kind, key_event, subject, id, place))sql";

const std::string kInsert = R"sql(
  INSERT INTO events.conversions
    (batch, id, key_owner, key_kind, key_event, key_subject, postbacks, first_received_at, last_received_at, click_time,
     network, affiliate, campaign, advertiser, team, status, raw_status, verified, status_at,
     payout, revenue, cost, currency, money_at, click, click_text, transaction, event,
     first_standing, click_standing, status_standing, money_standing, attribution, next_attempt_at)
  SELECT $1, n.id, n.owner, n.kind, n.key_event, n.subject, n.postbacks, n.first_at, n.last_at, n.click_time,
    n.network, n.affiliate, n.campaign, n.advertiser, n.team, n.status, n.raw_status, n.verified, n.status_at,
    n.payout, n.revenue, n.cost, n.currency, n.money_at, n.click, n.click_text, n.transaction, n.event,
    n.first_standing, n.click_standing, n.status_standing, n.money_standing, n.attribution,
    CASE WHEN n.attribution = 'awaiting_click' THEN now() + interval '2 seconds' END
  FROM )sql" + kRows + R"sql(
  ORDER BY n.place
  ON CONFLICT (key_owner, key_kind, key_event, key_subject) DO NOTHING
  RETURNING key_owner, key_kind, key_event, key_subject)sql";

// What the sweeper took from the click row stays as long as the conversion has that click; the transaction is that of
// the earliest call, though a later one may name another.
const std::string kUpdate = R"sql(
  UPDATE events.conversions c SET
    batch = $1, postbacks = n.postbacks,
    first_received_at = n.first_at, last_received_at = n.last_at, click_time = n.click_time,
    network = n.network, campaign = n.campaign, advertiser = n.advertiser, team = n.team,
    status = n.status, raw_status = n.raw_status, verified = n.verified, status_at = n.status_at,
    payout = n.payout, revenue = n.revenue, cost = n.cost, currency = n.currency, money_at = n.money_at,
    click = n.click, click_text = n.click_text,
    transaction = CASE WHEN n.first_standing < c.first_standing THEN n.transaction
      ELSE coalesce(c.transaction, n.transaction) END,
    event = CASE WHEN n.first_standing < c.first_standing THEN n.event ELSE c.event END,
    first_standing = n.first_standing, click_standing = n.click_standing,
    status_standing = n.status_standing, money_standing = n.money_standing,
    attribution = n.attribution,
    affiliate = CASE WHEN n.attribution = 'attributed' AND c.affiliate <> 0 THEN c.affiliate ELSE n.affiliate END,
    stream = CASE WHEN n.attribution = 'attributed' THEN c.stream ELSE 0 END,
    destination = CASE WHEN n.attribution = 'attributed' THEN c.destination ELSE 0 END,
    source = CASE WHEN n.attribution = 'attributed' THEN c.source ELSE 0 END,
    link = CASE WHEN n.attribution = 'attributed' THEN c.link ELSE 0 END,
    number = CASE WHEN n.attribution = 'attributed' THEN c.number ELSE 0 END,
    next_attempt_at = CASE WHEN n.attribution = 'awaiting_click' THEN now() + interval '2 seconds' END
  FROM )sql" + kRows + R"sql(
  WHERE c.key_owner = n.owner AND c.key_kind = n.kind AND c.key_event = n.key_event AND c.key_subject = n.subject)sql";

// One conversion as the statements see it.
struct Row {
  const StoredConversion* stored;
  const PostbackFact* fact;  // any postback of the key: for what is the same in all of them
  const ConversionState& state() const { return stored->state; }
};

void time_or_null(BinaryWriter& out, std::uint64_t time_us) {
  if (time_us == 0) return out.null();
  out.timestamptz(static_cast<std::int64_t>(time_us));
}

void clean_text(BinaryWriter& out, std::string_view text) {
  if (text.empty()) return out.null();
  std::string cleaned;
  append_clean_text(text, cleaned);
  out.text(cleaned);
}

void money_or_null(BinaryWriter& out, const std::optional<std::int64_t>& micros) {
  if (!micros) return out.null();
  out.money(*micros);
}

void standing(BinaryWriter& out, const Standing& value) {
  const std::string bytes = encode_standing(value);
  out.bytes(bytes);
}

std::string_view attribution_of(const Row& row) {
  if (row.state().click.id.empty()) return "unattributed";
  return row.stored->attributed ? "attributed" : "awaiting_click";
}

// Only three capital letters are a currency for the table; the raw postback keeps what was sent.
std::string_view currency_of(const ConversionState& state) {
  const std::string& text = state.amounts.currency;
  if (text.size() != 3) return {};
  for (const char c : text) {
    if (c < 'A' || c > 'Z') return {};
  }
  return text;
}

// Adds the columns of one statement, in the order of its placeholders.
class Columns {
 public:
  Columns(Params& params, const std::vector<Row>& rows) : params_(params), rows_(rows) {}

  template <typename Value>
  Columns& int4(Value value) {
    return add(oid::kInt4Array, oid::kInt4, [&](BinaryWriter& out, const Row& row) { out.int4(value(row)); });
  }
  template <typename Value>
  Columns& time(Value value) {
    return add(oid::kTimestamptzArray, oid::kTimestamptz,
               [&](BinaryWriter& out, const Row& row) { time_or_null(out, value(row)); });
  }
  template <typename Value>
  Columns& text_or_null(Value value) {
    return add(oid::kTextArray, oid::kText, [&](BinaryWriter& out, const Row& row) { clean_text(out, value(row)); });
  }
  template <typename Value>
  Columns& text(Value value) {
    return add(oid::kTextArray, oid::kText, [&](BinaryWriter& out, const Row& row) { out.text(value(row)); });
  }
  template <typename Value>
  Columns& money(Value value) {
    return add(oid::kNumericArray, oid::kNumeric,
               [&](BinaryWriter& out, const Row& row) { money_or_null(out, value(row)); });
  }
  template <typename Value>
  Columns& standings(Value value) {
    return add(oid::kByteaArray, oid::kBytea, [&](BinaryWriter& out, const Row& row) { standing(out, value(row)); });
  }
  template <typename Write>
  Columns& add(std::uint32_t array, std::uint32_t element, Write write) {
    params_.array(array, element, rows_, write);
    return *this;
  }

 private:
  Params& params_;
  const std::vector<Row>& rows_;
};

std::uint64_t clicked_us(const Row& row) {
  return row.state().click.id.empty() ? 0 : unpack_click_id(row.state().click.id).time_ms * 1000;
}

void write_click(BinaryWriter& out, const Row& row) {
  const ClickIdentity& id = row.state().click.id;
  if (id.empty()) return out.null();
  out.uuid(id.high, id.low);
}

void add_times_and_owners(Columns& columns) {
  columns.int4([](const Row& row) { return row.fact->key.owner; })
      .int4([](const Row& row) { return row.state().postbacks; })
      .time([](const Row& row) { return row.state().first.time_us; })
      .time([](const Row& row) { return row.state().last_us; })
      .time(clicked_us)
      .int4([](const Row& row) { return row.fact->network; })
      .int4([](const Row& row) { return row.fact->affiliate; })
      .int4([](const Row& row) { return row.state().owner.campaign; })
      .int4([](const Row& row) { return row.state().owner.advertiser; })
      .add(oid::kUuidArray, oid::kUuid, [](BinaryWriter& out, const Row& row) { out.uuid(row.state().owner.team); });
}

void add_state(Columns& columns) {
  columns
      .add(oid::kInt2Array, oid::kInt2,
           [](BinaryWriter& out, const Row& row) { out.int2(static_cast<std::int16_t>(row.state().status)); })
      .text_or_null([](const Row& row) { return std::string_view(row.state().raw_status); })
      .add(oid::kBoolArray, oid::kBool, [](BinaryWriter& out, const Row& row) { out.boolean(row.state().verified); })
      .time([](const Row& row) { return row.state().status_from.time_us; })
      .money([](const Row& row) { return row.state().amounts.payout; })
      .money([](const Row& row) { return row.state().amounts.revenue; })
      .money([](const Row& row) { return row.state().amounts.cost; })
      .text([](const Row& row) { return currency_of(row.state()); })
      .time([](const Row& row) { return row.state().money_from.time_us; });
}

void add_click_and_standings(Columns& columns) {
  columns.add(oid::kUuidArray, oid::kUuid, write_click)
      .text_or_null([](const Row& row) { return std::string_view(row.state().click.text); })
      .text_or_null([](const Row& row) { return std::string_view(row.fact->transaction); })
      .text([](const Row& row) { return std::string_view(row.fact->event); })
      .standings([](const Row& row) { return row.state().first; })
      .standings([](const Row& row) { return row.state().click_from; })
      .standings([](const Row& row) { return row.state().status_from; })
      .standings([](const Row& row) { return row.state().money_from; })
      .text(attribution_of)
      .add(oid::kInt2Array, oid::kInt2,
           [](BinaryWriter& out, const Row& row) { out.int2(static_cast<std::int16_t>(row.fact->key.kind)); })
      .text([](const Row& row) { return std::string_view(row.fact->key.event); })
      .text([](const Row& row) { return std::string_view(row.fact->key.subject); })
      .add(oid::kInt8Array, oid::kInt8, [](BinaryWriter& out, const Row& row) { out.int8(row.stored->id); });
}

Params params_of(std::int64_t batch, const std::vector<StoredConversion>& conversions,
                 const std::vector<const PostbackFact*>& keys) {
  std::vector<Row> rows;
  rows.reserve(conversions.size());
  for (std::size_t i = 0; i < conversions.size(); ++i) rows.push_back({&conversions[i], keys[i]});
  Params params;
  params.int8(batch);
  Columns columns(params, rows);
  add_times_and_owners(columns);
  add_state(columns);
  add_click_and_standings(columns);
  return params;
}

bool is_key(const QueryResult& rows, int row, const ConversionKey& key) {
  return rows.integer(row, 0) == key.owner && rows.integer(row, 1) == static_cast<std::int64_t>(key.kind) &&
         rows.text(row, 2) == key.event && rows.text(row, 3) == key.subject;
}

}  // namespace

std::vector<bool> insert_conversions(Connection& connection, std::int64_t batch,
                                     const std::vector<StoredConversion>& conversions,
                                     const std::vector<const PostbackFact*>& keys) {
  const QueryResult made = connection.execute(kInsert, params_of(batch, conversions, keys));
  std::vector<bool> inserted(keys.size());
  int row = 0;  // rows come back in the order of the keys, without those that were there
  for (std::size_t i = 0; i < keys.size() && row < made.rows(); ++i) {
    inserted[i] = is_key(made, row, keys[i]->key);
    row += inserted[i] ? 1 : 0;
  }
  if (row != made.rows()) throw std::logic_error("inserted conversions did not come back in the order of their keys");
  return inserted;
}

void update_conversions(Connection& connection, std::int64_t batch, const std::vector<StoredConversion>& conversions,
                        const std::vector<const PostbackFact*>& keys) {
  connection.execute(kUpdate, params_of(batch, conversions, keys));
}

}  // namespace tributary::ingest
