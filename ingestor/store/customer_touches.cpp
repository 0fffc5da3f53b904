#include "ingestor/store/customer_touches.h"

#include <set>
#include <string>
#include <tuple>

#include "core/click_id/click_uuid.h"

namespace tributary::ingest {
namespace {

constexpr const char* kStore = R"sql(
  INSERT INTO events.customer_touches (advertiser, customer_key, time, click, campaign, affiliate, link, team)
  SELECT *
  FROM unnest($1::integer[], $2::text[], $3::timestamptz[], $4::uuid[], $5::integer[], $6::integer[], $7::integer[],
    $8::uuid[]) AS given (advertiser, customer_key, time, click, campaign, affiliate, link, team)
  ORDER BY advertiser, customer_key, time, click
  ON CONFLICT DO NOTHING
  RETURNING advertiser, customer_key, click)sql";

using Out = BinaryWriter&;
using In = const Touch&;

}  // namespace

bool tells_touch(const CustomerFact& fact, const Evidence& evidence) {
  return !fact.customer_key.empty() && evidence.click.found && !evidence.click.found->foreign;
}

std::vector<Touch> store_touches(Connection& connection, const std::vector<Touch>& touches) {
  if (touches.empty()) return {};
  const auto int4s = [&](Params& params, auto value) {
    params.array(oid::kInt4Array, oid::kInt4, touches,
                 [&](Out out, In touch) { out.int4(static_cast<std::int32_t>(value(touch))); });
  };
  Params params;
  int4s(params, [](In touch) { return touch.fact->event.advertiser; });
  params.array(oid::kTextArray, oid::kText, touches, [](Out out, In touch) { out.text(touch.fact->customer_key); });
  params.array(oid::kTimestamptzArray, oid::kTimestamptz, touches,
               [](Out out, In touch) { out.timestamptz(touch.click.time_us); });
  params.array(oid::kUuidArray, oid::kUuid, touches,
               [](Out out, In touch) { out.uuid(touch.click.id.high, touch.click.id.low); });
  int4s(params, [](In touch) { return touch.click.campaign; });
  int4s(params, [](In touch) { return touch.click.partner; });
  int4s(params, [](In touch) { return touch.click.link; });
  params.array(oid::kUuidArray, oid::kUuid, touches, [](Out out, In touch) { out.uuid(touch.team); });
  const QueryResult rows = connection.execute(kStore, params);
  std::set<std::tuple<std::uint32_t, std::string, std::uint64_t, std::uint64_t>> stored;
  for (int row = 0; row < rows.rows(); ++row) {
    const ClickIdentity click = click_identity(rows.uuid(row, 2));
    stored.emplace(static_cast<std::uint32_t>(rows.integer(row, 0)), rows.text(row, 1), click.high, click.low);
  }
  std::vector<Touch> fresh;
  for (const Touch& touch : touches) {
    const ClickIdentity& click = touch.click.id;
    if (stored.erase({touch.fact->event.advertiser, touch.fact->customer_key, click.high, click.low}) == 1) {
      fresh.push_back(touch);
    }
  }
  return fresh;
}

}  // namespace tributary::ingest
