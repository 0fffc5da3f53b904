#include "ingestor/conversion/fold.h"

#include <algorithm>

namespace tributary::ingest {
namespace {

Standing standing_of(const PostbackFact& postback, std::uint8_t rank) noexcept {
  return {rank, postback.time_us, postback.journal, postback.position};
}

bool is_taken_back(ConversionStatus status) noexcept {
  return status == ConversionStatus::rejected || status == ConversionStatus::trash;
}

void fold_first(ConversionState& state, const PostbackFact& postback) {
  const Standing own = standing_of(postback, 0);
  const bool earliest = state.first.empty() || own < state.first;
  if (earliest) state.first = own;
  if (earliest && state.click_from.empty()) state.owner = postback.owner;
  state.last_us = std::max(state.last_us, postback.time_us);
}

void fold_click(ConversionState& state, const PostbackFact& postback) {
  if (postback.click.id.empty()) return;
  const Standing own = standing_of(postback, 0);
  if (!state.click_from.empty() && state.click_from < own) return;
  state.click_from = own;
  state.click = postback.click;
  state.owner = postback.owner;
}

void take_status(ConversionState& state, const PostbackFact& postback, const Standing& own) {
  state.status_from = own;
  state.status = postback.status;
  state.raw_status = postback.raw_status;
  state.verified = postback.verified;
}

// Journals count from 1, and a decision comes from none.
bool is_decided(const ConversionState& state) noexcept {
  return !state.status_from.empty() && state.status_from.journal == 0;
}

// After fold_first(): a call that is not the earliest changes nothing, whatever decided in the meantime.
void fold_earliest(ConversionState& state, const PostbackFact& postback) {
  const Standing own = standing_of(postback, 0);
  if (own != state.first) return;
  if (!is_decided(state)) take_status(state, postback, own);
  state.money_from = own;
  state.amounts = postback.amounts;
}

void fold_greatest(ConversionState& state, const PostbackFact& postback, const Standing& own) {
  if (postback.amounts.empty() || own < state.money_from) return;
  state.money_from = own;
  state.amounts = postback.amounts;
}

constexpr std::uint8_t kByHand = 4;  // above every status_rank()

void fold_decision(ConversionState& state, const PostbackFact& fact) {
  const Standing own =
      standing_of(fact, fact.decision->by_rule ? status_rank(fact.status, fact.back_to_sale) : kByHand);
  if (own < state.status_from) return;
  state.status_from = own;
  state.status = fact.status;
}

// A sum beyond what fits stays what it was.
void add(std::optional<std::int64_t>& sum, const std::optional<std::int64_t>& amount) {
  if (!amount) return;
  std::int64_t total = 0;
  if (!__builtin_add_overflow(sum.value_or(0), *amount, &total)) sum = total;
}

void fold_sum(ConversionState& state, const PostbackFact& postback, const Standing& own) {
  if (postback.amounts.empty() || is_taken_back(postback.status)) return;
  state.money_from = std::max(state.money_from, own);
  add(state.amounts.payout, postback.amounts.payout);
  add(state.amounts.revenue, postback.amounts.revenue);
  add(state.amounts.cost, postback.amounts.cost);
  state.amounts.currency = postback.amounts.currency;
}

}  // namespace

std::uint8_t status_rank(ConversionStatus status, bool back_to_sale) noexcept {
  switch (status) {
    case ConversionStatus::unmapped: return 0;
    case ConversionStatus::lead:
    case ConversionStatus::custom: return 1;
    case ConversionStatus::sale:
    case ConversionStatus::rebill: return 2;
    case ConversionStatus::rejected:
    case ConversionStatus::trash: return back_to_sale ? 2 : 3;
  }
  return 0;
}

void fold(ConversionState& state, const PostbackFact& postback) {
  if (postback.decision) return fold_decision(state, postback);
  ++state.postbacks;
  fold_first(state, postback);
  fold_click(state, postback);

  if (keeps_first(postback.policy)) return fold_earliest(state, postback);
  const Standing own = standing_of(postback, status_rank(postback.status, postback.back_to_sale));
  if (state.status_from < own) take_status(state, postback, own);
  if (postback.policy == DuplicatePolicy::add_amounts) return fold_sum(state, postback, own);
  fold_greatest(state, postback, own);
}

}  // namespace tributary::ingest
