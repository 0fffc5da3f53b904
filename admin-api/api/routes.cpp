#include "admin-api/api/route.h"

#include "admin-api/api/external_click_routes.h"
#include "admin-api/commissions/commission_routes.h"
#include "admin-api/costs/cost_routes.h"
#include "admin-api/outbound/outbound_routes.h"

namespace tributary::admin {

std::string_view access_name(Access access) noexcept {
  switch (access) {
    case Access::open: return "open";
    case Access::signed_in: return "signed_in";
    case Access::team: return "team";
    case Access::admin: return "admin";
  }
  return "";
}

Routes all_routes() {
  Routes routes;
  add_system_routes(routes);
  add_external_click_routes(routes);
  add_auth_routes(routes);
  add_api_key_routes(routes);
  add_resource_routes(routes);
  add_condition_kind_routes(routes);
  add_preset_routes(routes);
  add_postback_secret_routes(routes);
  add_outbound_template_routes(routes);
  add_outbox_routes(routes);
  add_settings_routes(routes);
  add_health_routes(routes);
  add_cap_routes(routes);
  add_cost_routes(routes);
  add_commission_routes(routes);
  add_overview_route(routes);
  add_funnel_route(routes);
  add_snapshot_routes(routes);
  add_explain_routes(routes);
  add_postback_log_routes(routes);
  add_conversion_log_routes(routes);
  add_customer_event_routes(routes);
  add_reattribution_routes(routes);
  add_ingestion_error_routes(routes);
  add_audit_routes(routes);
  return routes;
}

}  // namespace tributary::admin
