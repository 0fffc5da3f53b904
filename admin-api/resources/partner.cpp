#include "admin-api/resources/postback_rules.h"
#include "admin-api/resources/postback_secret.h"
#include "admin-api/resources/resource.h"
#include "admin-api/resources/shared_fields.h"

namespace tributary::admin {
namespace {

// Filled in but for the macros of whoever calls it, and the secret, which only its owner knows.
constexpr const char* kPostbackUrl =
    "'/postback?affiliate_id=' || t.id || '&click_id={click_id}&amount={amount}&currency={currency}'"
    " || CASE t.auth WHEN 'token' THEN '&token={token}' ELSE '' END";

}  // namespace

Resource partner_resource() {
  Resource resource{.name = "partner", .path = "partners", .table = "config.partners"};
  resource.fields = {
      team_field(),
      {.name = "name", .flags = Field::required, .min = 1, .max = 100},
      {.name = "kind", .kind = FieldKind::word, .words = {"affiliate", "influencer"}},
      state_field(),
      {.name = "email", .flags = Field::nullable},
      {.name = "handle", .flags = Field::nullable},
      currency_field(),
      postback_auth_field(),
      postback_secret_field(),
      allowed_addresses_field(),
      signature_field(),
      postback_answer_field(),
      {.name = "postback_url", .flags = Field::read_only, .select = kPostbackUrl},
  };
  resource.filters = {"state", "kind", "team_id"};
  resource.before_insert = resource.before_update = set_allowed_addresses;
  resource.after_write = [](Write& write) {
    create_postback_secret(write, store_partner_secret, store_partner_hmac_secret);
    require_partner_hmac_secret(write);
  };
  return resource;
}

}  // namespace tributary::admin
