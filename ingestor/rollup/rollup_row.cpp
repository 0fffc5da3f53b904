#include "ingestor/rollup/rollup.h"

namespace tributary::ingest {

const char* const kRollupDelta =
    "events.rollup_delta (bucket, batch, campaign, team, currency,"
    " clicks, unique_stream, unique_campaign, unique_global, labelled, trafficbacks, postbacks, cost,"
    " unmapped, leads, sales, rejected, trash, rebills, customs, payout, revenue,"
    " received_unmapped, received_leads, received_sales, received_rejected, received_trash, received_rebills,"
    " received_customs, received_payout, received_revenue, lander_views, lander_clicks)";

namespace {

constexpr std::int16_t kColumns = 33;

bool is_zero(const ConversionMeasures& m) noexcept {
  for (const std::int64_t count : m.by_status) {
    if (count != 0) return false;
  }
  return m.payout == 0 && m.revenue == 0;
}

bool is_zero(const RollupMeasures& m) noexcept {
  return m.clicks == 0 && m.unique_stream == 0 && m.unique_campaign == 0 && m.unique_global == 0 && m.labelled == 0 &&
         m.trafficbacks == 0 && m.postbacks == 0 && m.lander_views == 0 && m.lander_clicks == 0 && m.cost == 0 &&
         is_zero(m.by_click) && is_zero(m.by_receipt);
}

void write_conversions(BinaryWriter& out, const ConversionMeasures& measures) {
  for (const std::int64_t count : measures.by_status) out.int8(count);
  out.money(measures.payout);
  out.money(measures.revenue);
}

void write_row(BinaryWriter& out, std::int64_t batch, const RollupKey& key, const RollupMeasures& measures) {
  out.begin_row(kColumns);
  out.timestamptz(key.bucket_us);
  out.int8(batch);
  out.int4(key.campaign);
  out.uuid(key.team);
  out.text(key.currency[0] == 0 ? std::string_view() : std::string_view(key.currency.data(), key.currency.size()));
  for (const std::int64_t count :
       {measures.clicks, measures.unique_stream, measures.unique_campaign, measures.unique_global, measures.labelled,
        measures.trafficbacks, measures.postbacks}) {
    out.int8(count);
  }
  out.money(measures.cost);
  write_conversions(out, measures.by_click);
  write_conversions(out, measures.by_receipt);
  out.int8(measures.lander_views);
  out.int8(measures.lander_clicks);
}

}  // namespace

std::size_t Rollup::encode(std::int64_t batch, BinaryWriter& out) const {
  std::size_t rows = 0;
  for (const auto& [key, measures] : groups_) {
    if (is_zero(measures)) continue;
    write_row(out, batch, key, measures);
    ++rows;
  }
  return rows;
}

}  // namespace tributary::ingest
