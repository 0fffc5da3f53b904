#include "ingestor/rollup/rollup.h"

#include <xxhash.h>

#include <algorithm>

namespace tributary::ingest {
namespace {

// Of a truncated value the visitor knows nothing: it is no reason to doubt the click.
constexpr std::uint32_t kDoubtful = ~static_cast<std::uint32_t>(kLabelTruncated);

std::int64_t bucket_of(std::uint64_t time_us, std::int32_t minutes) noexcept {
  const std::uint64_t width = static_cast<std::uint64_t>(minutes) * 60'000'000;
  return static_cast<std::int64_t>(time_us - time_us % width);
}

// Amounts count while the conversion stands: not when it is rejected, trash or not understood.
bool amounts_count(ConversionStatus status) noexcept {
  return status == ConversionStatus::lead || status == ConversionStatus::sale || status == ConversionStatus::rebill ||
         status == ConversionStatus::custom;
}

void add(ConversionMeasures& measures, const ConversionState& state, int sign) noexcept {
  measures.by_status[static_cast<std::size_t>(state.status)] += sign;
  if (!amounts_count(state.status)) return;
  measures.payout += static_cast<MoneySum>(state.amounts.payout.value_or(0)) * sign;
  measures.revenue += static_cast<MoneySum>(state.amounts.revenue.value_or(0)) * sign;
}

// The table takes three capital letters or nothing.
bool is_currency(std::string_view text) noexcept {
  return text.size() == 3 && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::uint64_t time_of_click_us(const ClickReference& click) noexcept {
  return unpack_click_id(click.id).time_ms * 1000;
}

}  // namespace

std::size_t RollupKeyHash::operator()(const RollupKey& key) const noexcept {
  char bytes[8 + 4 + 16 + 3];
  std::memcpy(bytes, &key.bucket_us, 8);
  std::memcpy(bytes + 8, &key.campaign, 4);
  std::memcpy(bytes + 12, key.team.data(), 16);
  std::memcpy(bytes + 28, key.currency.data(), 3);
  return XXH3_64bits(bytes, sizeof bytes);
}

RollupMeasures& Rollup::group(const Owner& owner, std::uint64_t time_us, std::string_view currency) {
  RollupKey key{bucket_of(time_us, owner.bucket_minutes), owner.campaign, owner.team, {}};
  if (is_currency(currency)) std::copy(currency.begin(), currency.end(), key.currency.begin());
  return groups_[key];
}

void Rollup::add_click(const Owner& owner, std::uint64_t time_us, const Click& click) {
  const std::int64_t cost = click.tracking.cost_micros;
  RollupMeasures& measures = group(owner, time_us, cost == 0 ? std::string_view() : click.tracking.currency);
  ++measures.clicks;
  measures.unique_stream += (click.unique & kUniqueStream) != 0;
  measures.unique_campaign += (click.unique & kUniqueCampaign) != 0;
  measures.unique_global += (click.unique & kUniqueGlobal) != 0;
  measures.labelled += (click.visit.labels & kDoubtful) != 0;
  measures.lander_views += click.lander != 0;
  measures.cost += cost;
}

void Rollup::add_trafficback(const Owner& owner, std::uint64_t time_us, const Trafficback& trafficback) {
  const std::int64_t cost = trafficback.tracking.cost_micros;
  RollupMeasures& measures = group(owner, time_us, cost == 0 ? std::string_view() : trafficback.tracking.currency);
  ++measures.trafficbacks;
  measures.cost += cost;
}

void Rollup::add_lander_click(const Owner& owner, std::uint64_t time_us) {
  ++group(owner, time_us, {}).lander_clicks;
}

void Rollup::add_postback(const Owner& owner, std::uint64_t time_us) {
  ++group(owner, time_us, {}).postbacks;
}

void Rollup::add_conversion(const ConversionState& state, int sign) {
  if (state.postbacks == 0) return;  // a placeholder: it counted nowhere yet
  const std::uint64_t received_us = state.first.time_us;
  const std::uint64_t clicked_us = state.click.id.empty() ? received_us : time_of_click_us(state.click);
  add(group(state.owner, clicked_us, state.amounts.currency).by_click, state, sign);
  add(group(state.owner, received_us, state.amounts.currency).by_receipt, state, sign);
}

}  // namespace tributary::ingest
