#include "ingestor/conversion/postback_fact.h"

#include "core/base/ascii.h"

namespace tributary::ingest {
namespace {

Amounts amounts_of(const Postback& postback, bool payout_is_earned) {
  Amounts amounts;
  if (postback.payout_given) amounts.payout = postback.payout_micros;
  if (postback.revenue_given) amounts.revenue = postback.revenue_micros;
  if (payout_is_earned && !amounts.revenue) amounts.revenue = amounts.payout;
  if (postback.cost_micros != 0) amounts.cost = postback.cost_micros;
  if (!amounts.empty()) amounts.currency = postback.currency;
  return amounts;
}

}  // namespace

DuplicatePolicy policy_of(const Postback& postback, const NetworkFacts& network) {
  if (postback.status == ConversionStatus::rebill) return DuplicatePolicy::update;
  if (network.event_duplicates.empty() || postback.event.empty()) return network.duplicates;
  std::string event(postback.event);
  for (char& c : event) c = ascii::to_lower(c);
  const auto own = network.event_duplicates.find(event);
  return own == network.event_duplicates.end() ? network.duplicates : own->second;
}

PostbackFact fact_of(const EventHeader& header, const Postback& postback, const RowIdentity& identity, Owner owner,
                     ConversionKey key, const NetworkFacts& network) {
  PostbackFact fact;
  fact.key = std::move(key);
  fact.time_us = header.time_us;
  fact.journal = identity.journal;
  fact.position = identity.position;
  fact.conversion_id = static_cast<std::int64_t>(postback.conversion_id);
  fact.network = static_cast<std::int32_t>(postback.network);
  fact.affiliate = static_cast<std::int32_t>(postback.affiliate);
  fact.status = postback.status;
  fact.back_to_sale = network.back_to_sale;
  fact.policy = policy_of(postback, network);
  fact.raw_status = postback.raw_status;
  fact.transaction = postback.transaction;
  fact.event = postback.event;
  fact.amounts = amounts_of(postback, network.payout_is_earned);
  fact.click = {postback.click, std::string(postback.click_text), owner.campaign};
  fact.verified = postback.verified;
  fact.signature = postback.signature;
  fact.owner = std::move(owner);
  return fact;
}

}  // namespace tributary::ingest
