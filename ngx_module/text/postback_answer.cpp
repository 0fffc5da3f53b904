#include "ngx_module/text/postback_answer.h"

#include "core/postback/postback_mapper.h"
#include "ngx_module/text/json.h"

namespace tributary {
namespace {

std::string_view summary(PostbackVerdict verdict) {
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

}  // namespace

std::string postback_answer(const Postback& postback) {
  JsonWriter json;
  json.begin_object();
  if (!counts_as_conversion(postback.verdict)) {
    const VerdictText text = verdict_text(postback.verdict);
    json.boolean("success", false).text("status", "error").text("message", summary(postback.verdict));
    json.text("verdict", text.code).text("detail", text.message);
    return json.end_object().take();
  }
  const bool repeated = postback.verdict == PostbackVerdict::repeated;
  json.boolean("success", true).text("status", "success");
  json.text("message", repeated ? "Conversion already tracked" : "Conversion tracked");
  json.text("verdict", postback_verdict_name(postback.verdict));
  json.key("data").begin_object().number("conversion_id", postback.conversion_id);
  json.text("click_id", postback.click_text).text("transaction_id", postback.transaction).end_object();
  return json.end_object().take();
}

}  // namespace tributary
