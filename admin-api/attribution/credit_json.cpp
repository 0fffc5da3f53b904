#include "admin-api/attribution/credit_json.h"

namespace tributary::admin {

std::string credit_json_sql(const std::string& record) {
  const std::string of = "(" + record + ").";
  return "json_build_object('matcher', " + of + "matcher, 'confidence', " + of + "confidence, 'campaign_id', nullif(" +
         of + "campaign, 0), 'partner_id', nullif(" + of + "affiliate, 0), 'link_id', nullif(" + of +
         "link, 0), 'coupon_id', nullif(" + of + "coupon, 0), 'click', " + of + "click, 'candidates', coalesce(" + of +
         "candidates, '[]'))";
}

}  // namespace tributary::admin
