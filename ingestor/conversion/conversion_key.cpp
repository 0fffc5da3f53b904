#include "ingestor/conversion/conversion_key.h"

#include <cstdio>

namespace tributary::ingest {
namespace {

std::string click_subject(const ClickIdentity& click) {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(click.high),
                static_cast<unsigned long long>(click.low));
  return text;
}

std::string event_scope(const Postback& postback) {
  std::string event(postback.event);
  if (postback.status != ConversionStatus::rebill) return event;
  return event.empty() ? "rebill" : "rebill:" + event;
}

std::optional<ConversionKey> plain_key(const Postback& postback, bool by_click) {
  const auto network = static_cast<std::int32_t>(postback.network);
  if (postback.network != 0 && !postback.transaction.empty() && !(by_click && !postback.click.empty())) {
    return ConversionKey{network, KeyKind::network_transaction, event_scope(postback),
                         std::string(postback.transaction)};
  }
  if (postback.network != 0 && !postback.click.empty()) {
    return ConversionKey{network, KeyKind::network_click, event_scope(postback), click_subject(postback.click)};
  }
  if (postback.affiliate != 0 && !postback.click_text.empty()) {
    // An id of ours is the same click in capital letters.
    return ConversionKey{static_cast<std::int32_t>(postback.affiliate), KeyKind::affiliate_click, event_scope(postback),
                         postback.click.empty() ? std::string(postback.click_text) : click_subject(postback.click)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<ConversionKey> conversion_key(const Postback& postback, DuplicatePolicy policy,
                                            const RowIdentity& identity) {
  const bool rebill = postback.status == ConversionStatus::rebill;
  auto key = plain_key(postback, !rebill && policy == DuplicatePolicy::ignore);
  if (!key || rebill) return key;
  if (counts_each(policy)) {
    key->subject += "#" + std::to_string(identity.journal) + "." + std::to_string(identity.position);
  }
  // Amounts of two currencies have no sum.
  if (policy == DuplicatePolicy::add_amounts && !postback.currency.empty()) {
    key->event += "|" + std::string(postback.currency);
  }
  return key;
}

}  // namespace tributary::ingest
