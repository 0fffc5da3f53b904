#include "ingestor/conversion/postback_fact.h"

namespace tributary::ingest {
namespace {

Amounts amounts_of(const Postback& postback) {
  Amounts amounts;
  if (postback.payout_given) amounts.payout = postback.payout_micros;
  if (postback.revenue_given) amounts.revenue = postback.revenue_micros;
  if (postback.cost_micros != 0) amounts.cost = postback.cost_micros;
  if (!amounts.empty()) amounts.currency = postback.currency;
  return amounts;
}

}  // namespace

PostbackFact fact_of(const EventHeader& header, const Postback& postback, const RowIdentity& identity, Owner owner,
                     ConversionKey key, bool back_to_sale) {
  PostbackFact fact;
  fact.key = std::move(key);
  fact.time_us = header.time_us;
  fact.journal = identity.journal;
  fact.position = identity.position;
  fact.conversion_id = static_cast<std::int64_t>(postback.conversion_id);
  fact.network = static_cast<std::int32_t>(postback.network);
  fact.affiliate = static_cast<std::int32_t>(postback.affiliate);
  fact.status = postback.status;
  fact.back_to_sale = back_to_sale;
  fact.raw_status = postback.raw_status;
  fact.transaction = postback.transaction;
  fact.event = postback.event;
  fact.amounts = amounts_of(postback);
  fact.click = {postback.click, std::string(postback.click_text), owner.campaign};
  fact.verified = postback.verified;
  fact.owner = std::move(owner);
  return fact;
}

}  // namespace tributary::ingest
