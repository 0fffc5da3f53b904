#include "ingestor/store/external_clicks.h"

namespace tributary::ingest {
namespace {

// Keys are taken in their order, whoever writes, so that two ingestors never wait for each other. Of one key's calls in
// a batch the earliest is the click.
constexpr const char* kStore = R"sql(
  WITH given AS (
    SELECT *
    FROM unnest($1::integer[], $2::integer[], $3::text[], $4::bigint[], $5::uuid[], $6::timestamptz[], $7::uuid[])
      WITH ORDINALITY AS g (affiliate, campaign, id, number, click, time, team, place)
  ), stored AS (
    INSERT INTO events.external_clicks (affiliate, campaign, external_click_id, number, click, time, team, batch)
    SELECT affiliate, campaign, id, number, click, time, team, $8
    FROM given
    ORDER BY affiliate, campaign, id, time, place
    ON CONFLICT (affiliate, campaign, external_click_id) DO NOTHING
    RETURNING click
  )
  SELECT place FROM given WHERE click NOT IN (SELECT click FROM stored))sql";

template <typename Write>
void column(Params& params, std::uint32_t array, std::uint32_t element, const std::vector<ExternalClick>& clicks,
            Write write) {
  params.array(array, element, clicks, write);
}

}  // namespace

std::vector<bool> store_external_clicks(Connection& connection, std::int64_t batch,
                                        const std::vector<ExternalClick>& clicks) {
  std::vector<bool> repeated(clicks.size());
  if (clicks.empty()) return repeated;
  using Out = BinaryWriter&;
  using In = const ExternalClick&;
  Params params;
  column(params, oid::kInt4Array, oid::kInt4, clicks, [](Out out, In c) { out.int4(c.affiliate); });
  column(params, oid::kInt4Array, oid::kInt4, clicks, [](Out out, In c) { out.int4(c.owner.campaign); });
  column(params, oid::kTextArray, oid::kText, clicks, [](Out out, In c) { out.text(c.id); });
  column(params, oid::kInt8Array, oid::kInt8, clicks, [](Out out, In c) { out.int8(c.number); });
  column(params, oid::kUuidArray, oid::kUuid, clicks, [](Out out, In c) { out.uuid(c.click.high, c.click.low); });
  column(params, oid::kTimestamptzArray, oid::kTimestamptz, clicks,
         [](Out out, In c) { out.timestamptz(static_cast<std::int64_t>(c.time_us)); });
  column(params, oid::kUuidArray, oid::kUuid, clicks, [](Out out, In c) { out.uuid(c.owner.team); });
  const QueryResult rows = connection.execute(kStore, params.int8(batch));
  for (int row = 0; row < rows.rows(); ++row) repeated[static_cast<std::size_t>(rows.integer(row, 0) - 1)] = true;
  return repeated;
}

}  // namespace tributary::ingest
