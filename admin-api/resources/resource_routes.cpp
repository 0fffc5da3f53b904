#include "admin-api/resources/crud.h"

namespace tributary::admin {

void add_resource_routes(Routes& routes) {
  add_crud_routes(routes, team_resource());
  add_crud_routes(routes, user_resource());
  add_crud_routes(routes, campaign_resource());
  add_crud_routes(routes, stream_resource(),
                  {.prefix = "/api/v1/campaigns/{id}/", .parent_column = "campaign_id", .parent = campaign_resource()});
  add_crud_routes(routes, rotation_resource());
  add_crud_routes(routes, stream_resource(),
                  {.prefix = "/api/v1/rotations/{id}/", .parent_column = "rotation_id", .parent = rotation_resource()});
  add_crud_routes(routes, stream_resource());
  add_crud_routes(routes, destination_resource());
  add_crud_routes(routes, lander_resource());
  add_crud_routes(routes, source_resource());
  add_crud_routes(routes, network_resource());
  add_crud_routes(routes, advertiser_resource());
  add_credential_routes(routes);
  add_crud_routes(routes, partner_resource());
  add_link_routes(routes);
  add_coupon_routes(routes);
  add_coupon_csv_routes(routes);
  add_campaign_partner_routes(routes);
  add_crud_routes(routes, edge_resource());
  add_crud_routes(routes, domain_resource());
}

}  // namespace tributary::admin
