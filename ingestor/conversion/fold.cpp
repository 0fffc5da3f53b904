#include "ingestor/conversion/fold.h"

#include <algorithm>

namespace tributary::ingest {
namespace {

Standing standing_of(const PostbackFact& postback, std::uint8_t rank) noexcept {
  return {rank, postback.time_us, postback.journal, postback.position};
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
  ++state.postbacks;
  fold_first(state, postback);
  fold_click(state, postback);

  const Standing own = standing_of(postback, status_rank(postback.status, postback.back_to_sale));
  if (state.status_from < own) {
    state.status_from = own;
    state.status = postback.status;
    state.raw_status = postback.raw_status;
    state.verified = postback.verified;
  }
  if (!postback.amounts.empty() && state.money_from < own) {
    state.money_from = own;
    state.amounts = postback.amounts;
  }
}

}  // namespace tributary::ingest
