#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/click_id/click_id.h"
#include "core/event/event.h"
#include "core/request/query.h"
#include "core/request/tracking_parser.h"

namespace tributary::fbs {
struct Network;
}

namespace tributary {

// From the parameters of an authentic call to the normalised conversion and its verdict: mapping by the network's
// template (its own names first, then the aliases every tracker uses), status map, money, currency, click id. Pure; the
// caller adds identity, address, method, URI and body. Views point into `query`, `arena` or the snapshot.
Postback map_postback(std::span<const QueryParameter> query, const fbs::Network& network, const ClickIdKeyring& keys,
                      std::uint64_t now_ms, Arena& arena) noexcept;

// The same of an affiliate's call of /postback, where the click id may also be one that the caller of /click chose:
// then `click` stays empty, and whether there is such a click is for others to say.
Postback map_affiliate_postback(std::span<const QueryParameter> query, const fbs::Network& rules,
                                const ClickIdKeyring& keys, std::uint64_t now_ms, Arena& arena) noexcept;

// Whether a postback that counts names a click by the id that its caller chose.
bool names_external_click(const Postback& postback) noexcept;

// Key of the memory of recent transactions: scope, transaction (or click and event), status, amounts.
std::uint64_t transaction_fingerprint(const Postback& postback) noexcept;

// What a verdict means to the sender: a stable code and a hint. Static text.
struct VerdictText {
  std::string_view code;     // "forged_click"
  std::string_view message;  // "the click id was not issued by this tracker"
};
VerdictText verdict_text(PostbackVerdict verdict) noexcept;

}  // namespace tributary
