#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "admin-api/api/context.h"

namespace tributary::admin {

// Who may call a route.
enum class Access {
  open,       // anybody
  signed_in,  // any approved user
  team,       // administrators, and buyers for their own team
  admin,      // administrators
};
std::string_view access_name(Access access) noexcept;

struct Route {
  std::string method;
  std::string pattern;  // /api/v1/campaigns/{id}
  Access access;
  std::function<http::Response(Context&)> handle;
};

using Routes = std::vector<Route>;

// Every route of the program, in the order of the documentation. Each function stands in the file of its subject.
Routes all_routes();
void add_system_routes(Routes& routes);
void add_auth_routes(Routes& routes);
void add_api_key_routes(Routes& routes);
void add_resource_routes(Routes& routes);
void add_condition_kind_routes(Routes& routes);
void add_preset_routes(Routes& routes);
void add_credential_routes(Routes& routes);
void add_link_routes(Routes& routes);
void add_postback_secret_routes(Routes& routes);
void add_settings_routes(Routes& routes);
void add_coupon_routes(Routes& routes);
void add_coupon_csv_routes(Routes& routes);
void add_campaign_partner_routes(Routes& routes);
void add_health_routes(Routes& routes);
void add_cap_routes(Routes& routes);
void add_overview_route(Routes& routes);
void add_funnel_route(Routes& routes);
void add_snapshot_routes(Routes& routes);
void add_explain_routes(Routes& routes);
void add_postback_log_routes(Routes& routes);
void add_conversion_log_routes(Routes& routes);
void add_customer_event_routes(Routes& routes);
void add_reattribution_routes(Routes& routes);
void add_ingestion_error_routes(Routes& routes);
void add_audit_routes(Routes& routes);

}  // namespace tributary::admin
