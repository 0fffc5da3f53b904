#include "core/postback/postback_mapper.h"

namespace tributary {
namespace {

std::string_view message_of(PostbackVerdict verdict) noexcept {
  switch (verdict) {
    case PostbackVerdict::unknown: break;
    case PostbackVerdict::accepted: return "the conversion is recorded";
    case PostbackVerdict::repeated: return "the same call was recorded before";
    case PostbackVerdict::click_pending: return "the click is not known yet; the conversion waits for it";
    case PostbackVerdict::latest_click:
      return "several campaigns have a click with this id; it counts for the latest before the call";
    case PostbackVerdict::missing_click: return "no click id was sent; send it as click_id, clickid, subid or cid";
    case PostbackVerdict::unexpanded_macro: return "a macro was sent where its value should be: check the postback URL";
    case PostbackVerdict::forged_click: return "the click id was not issued by this tracker";
    case PostbackVerdict::expired_click: return "the click is older than this network's conversion window";
    case PostbackVerdict::malformed_click: return "the click id is not 32 letters and digits: was it cut or changed?";
    case PostbackVerdict::unknown_status: return "the status word is not in this network's status map";
    case PostbackVerdict::bad_money: return "an amount is not a plain decimal such as 12.50";
    case PostbackVerdict::bad_currency: return "the currency is not a code of ISO 4217";
    case PostbackVerdict::unknown_click: return "no such click is known";
    case PostbackVerdict::foreign_click: return "the click belongs to another account than this network";
    case PostbackVerdict::bad_identifier:
      return "the transaction id or event is longer than 512 bytes or not UTF-8 text";
    case PostbackVerdict::too_many_parameters: return "the call has more than 256 parameters";
    case PostbackVerdict::unparsable_body: return "the body is not a JSON object of plain values, each named once";
  }
  return "the call could not be judged";
}

}  // namespace

VerdictText verdict_text(PostbackVerdict verdict) noexcept {
  return {postback_verdict_name(verdict), message_of(verdict)};
}

}  // namespace tributary
