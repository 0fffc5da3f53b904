#include "ngx_module/text/postback_answer.h"

#include <array>

#include "core/money/money.h"
#include "core/postback/postback_mapper.h"
#include "ngx_module/text/click_call_answer.h"
#include "ngx_module/text/json.h"

namespace tributary {
namespace {

constexpr std::string_view kJsonType = "application/json";
constexpr std::string_view kPixel(
    "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff\x21\xf9\x04\x01\x00\x00\x00\x00\x2c\x00\x00\x00\x00"
    "\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00\x3b",
    43);

bool has_data(PostbackAnswerKind kind) noexcept {
  return kind != PostbackAnswerKind::status;
}
bool has_status(PostbackAnswerKind kind) noexcept {
  return kind != PostbackAnswerKind::data;
}

std::string_view refusal(PostbackVerdict verdict) {
  switch (verdict) {
    case PostbackVerdict::unknown_status: return "Invalid status";
    case PostbackVerdict::bad_money: return "Invalid amount";
    case PostbackVerdict::bad_currency: return "Invalid currency";
    case PostbackVerdict::bad_identifier: return "Invalid transaction";
    case PostbackVerdict::too_many_parameters: return "Too many parameters";
    case PostbackVerdict::unparsable_body: return "Invalid body";
    default: return "Invalid click";
  }
}

std::string_view message(PostbackVerdict verdict, PostbackAnswerKind kind) {
  if (verdict == PostbackVerdict::repeated) return "Conversion already tracked";
  if (verdict == PostbackVerdict::click_pending) return "Conversion accepted, its click is not known yet";
  return has_data(kind) ? "Conversion tracked successfully" : "Conversion tracked";
}

// An affiliate gets what the specifications print, a network the reason too.
std::string refused_answer(const Postback& postback, PostbackAnswerKind kind) {
  JsonWriter json;
  json.begin_object();
  const bool whole = kind == PostbackAnswerKind::merged && postback.affiliate == 0;
  if (whole || !has_status(kind)) json.boolean("success", false);
  if (has_status(kind)) json.text("status", "error");
  json.text("message", refusal(postback.verdict));
  if (whole) {
    const VerdictText text = verdict_text(postback.verdict);
    json.text("verdict", text.code).text("detail", text.message);
  }
  return json.end_object().take();
}

void add_data(JsonWriter& json, const Postback& postback, std::uint64_t time_ms) {
  json.key("data").begin_object().number("conversion_id", postback.conversion_id);
  json.text("click_id", postback.click_text);
  if (postback.affiliate != 0) json.number("affiliate_id", postback.affiliate);
  if (postback.affiliate == 0 || !postback.transaction.empty()) json.text("transaction_id", postback.transaction);
  std::array<char, 32> digits;
  const std::int64_t amount = postback.revenue_given ? postback.revenue_micros : postback.payout_micros;
  json.key("amount").decimal(format_money(amount, digits));
  json.text("currency", postback.currency).text("timestamp", utc_text(time_ms)).end_object();
}

std::string counted_answer(const Postback& postback, PostbackAnswerKind kind, std::uint64_t time_ms) {
  const bool pending = postback.verdict == PostbackVerdict::click_pending;
  JsonWriter json;
  json.begin_object();
  if (has_data(kind)) json.boolean("success", true);
  if (has_status(kind)) json.text("status", pending ? "pending" : "success");
  json.text("message", message(postback.verdict, kind));
  if (kind == PostbackAnswerKind::merged) json.text("verdict", postback_verdict_name(postback.verdict));
  if (has_data(kind)) add_data(json, postback, time_ms);
  return json.end_object().take();
}

}  // namespace

PostbackAnswer postback_answer(const Postback& postback, PostbackAnswerKind kind, std::uint64_t time_ms) {
  const bool counts = counts_as_conversion(postback.verdict);
  switch (kind) {
    case PostbackAnswerKind::plain:
      return {200, "text/plain", counts ? "OK" : std::string(postback_verdict_name(postback.verdict))};
    case PostbackAnswerKind::gif: return {200, "image/gif", std::string(kPixel)};
    case PostbackAnswerKind::empty: return {204, "text/plain", {}};
    default: break;
  }
  return {200, kJsonType, counts ? counted_answer(postback, kind, time_ms) : refused_answer(postback, kind)};
}

}  // namespace tributary
