#include "admin-api/conversions/hint.h"

#include "core/base/utf8.h"
#include "core/money/money.h"
#include "core/postback/postback_aliases.h"
#include "core/request/unexpanded_macro.h"

namespace tributary::admin {
namespace {

constexpr std::size_t kShownBytes = 80;  // of a value that was sent

std::string shown(std::string_view text) {
  std::string quoted = "\"";
  append_clean_text(cut_between_characters(text, kShownBytes), quoted);
  return quoted + (text.size() > kShownBytes ? "…\"" : "\"");
}

// `name = "value"` of every parameter for which `wanted` holds, with commas.
template <typename Wanted>
std::string parameters_with(const StoredCall& call, const Wanted& wanted) {
  std::string list;
  call.each([&](std::string_view name, std::string_view value) {
    if (!value.empty() && wanted(name, value)) list += (list.empty() ? "" : ", ") + shown(name) + " = " + shown(value);
  });
  return list;
}

std::string macro_hint(const StoredCall& call) {
  const auto list = parameters_with(call, [](auto, auto value) { return is_unexpanded_macro(value); });
  return "the network sent a macro instead of its value: " + list +
         ". Put the macro that this network documents for it into the postback URL at the network, and have it send "
         "the conversion again; a parameter that is not needed can be left out";
}

bool is_amount(std::string_view name) {
  const auto field = find_postback_alias(name);
  return field == PostbackField::payout || field == PostbackField::revenue || field == PostbackField::cost;
}

std::string money_hint(const StoredCall& call) {
  auto list = parameters_with(call, [](auto name, auto value) {
    const auto amount = parse_money(value);
    return is_amount(name) && (!amount.ok() || *amount < 0);
  });
  if (!list.empty()) list = ": " + list;
  return "an amount is not a plain decimal such as 12.50" + list +
         ". Take it out of the network's mapping, or have the network send digits and a point, then redrive";
}

std::string currency_hint(const StoredCall& call) {
  const auto list =
      parameters_with(call, [](auto name, auto) { return find_postback_alias(name) == PostbackField::currency; });
  return "the currency " + (list.empty() ? std::string("sent") : list) +
         " is no code of ISO 4217. Map currency to another parameter or to a constant, then redrive";
}

std::string missing_click_hint(const StoredCall& call) {
  const auto list = parameters_with(call, [](auto, auto value) { return value.size() == kClickIdLength; });
  if (list.empty()) {
    return "no parameter holds a click id. Have the destination's URL hand it over ({click_id}) and the network send "
           "it "
           "back in the postback URL";
  }
  return "no parameter is known to be the click id, but this looks like one: " + list +
         ". Add its name to the network's mapping of click_id, then redrive";
}

std::string malformed_click_hint(std::string_view click_text) {
  return "the click id was sent as " + shown(click_text) + ", which has " + std::to_string(click_text.size()) +
         " characters and not 32 letters and digits. See that the network keeps the whole value in the sub id that the "
         "destination's URL fills, and that no other parameter is mapped to click_id";
}

}  // namespace

std::string postback_hint(PostbackVerdict verdict, std::string_view click_text, std::string_view raw_status,
                          const StoredCall& call) {
  switch (verdict) {
    case PostbackVerdict::unknown:
    case PostbackVerdict::accepted:
    case PostbackVerdict::repeated:
    case PostbackVerdict::click_pending:
    case PostbackVerdict::latest_click: return {};
    case PostbackVerdict::missing_click: return missing_click_hint(call);
    case PostbackVerdict::unexpanded_macro: return macro_hint(call);
    case PostbackVerdict::forged_click:
      return "the click id " + shown(click_text) +
             " is not one of ours: a test call of the network, or a value that "
             "was typed or changed on its way";
    case PostbackVerdict::expired_click:
      return "the click is older than the network's click_window_s. Raise it when the network approves this late, then "
             "redrive";
    case PostbackVerdict::malformed_click: return malformed_click_hint(click_text);
    case PostbackVerdict::unknown_status:
      return raw_status.empty() ? "no status was sent and the network has no default_status. Set one, then redrive"
                                : "the status word " + shown(raw_status) +
                                      " is in no map. Add it to the network's statuses, then redrive";
    case PostbackVerdict::bad_money: return money_hint(call);
    case PostbackVerdict::bad_currency: return currency_hint(call);
    case PostbackVerdict::unknown_click:
      return "no click with the id " + shown(click_text) +
             " is known for this affiliate: see that it is the one that was "
             "given to /click";
    case PostbackVerdict::foreign_click:
      return "the click belongs to a campaign of another team: this postback URL is used for somebody else's offer";
    case PostbackVerdict::bad_identifier:
      return "the transaction or event has more than 512 bytes or is not UTF-8: two of them could not be told apart. "
             "Map a shorter parameter, then redrive";
    case PostbackVerdict::too_many_parameters: return "have the network send 256 parameters at most";
    case PostbackVerdict::unparsable_body:
      return "the body said to be JSON is not one object of plain values. Have the network send a form, a query string "
             "or "
             "such an object; what was sent is not kept, so it cannot be redriven";
  }
  return {};
}

}  // namespace tributary::admin
