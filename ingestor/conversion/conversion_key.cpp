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

}  // namespace

std::optional<ConversionKey> conversion_key(const Postback& postback) {
  const auto network = static_cast<std::int32_t>(postback.network);
  if (postback.network != 0 && !postback.transaction.empty()) {
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

}  // namespace tributary::ingest
