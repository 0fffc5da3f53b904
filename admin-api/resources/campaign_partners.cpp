#include "admin-api/api/mutation.h"
#include "admin-api/resources/crud.h"
#include "admin-api/resources/repository.h"
#include "admin-api/resources/shared_fields.h"
#include "admin-api/text/formats.h"
#include "admin-api/text/random_text.h"

// Which partners work for a campaign. Who is assigned has a tracking link from that moment on.
namespace tributary::admin {
namespace {

constexpr std::size_t kCodeLength = 10;

// With the link that was used last; a partner may have several.
constexpr const char* kList = R"sql(
SELECT coalesce(json_agg(json_build_object(
         'partner_id', a.partner_id, 'state', a.state, 'assigned_at', config.utc_text(a.assigned_at),
         'link_codes', coalesce(
           (SELECT json_agg(l.code ORDER BY l.id) FROM config.links AS l
            WHERE l.campaign_id = a.campaign_id AND l.partner_id = a.partner_id AND l.state = 'active'), '[]'::json))
         ORDER BY a.partner_id), '[]'::json)::text
FROM config.campaign_partners AS a WHERE a.campaign_id = $1::integer)sql";

constexpr const char* kAssign = R"sql(
INSERT INTO config.campaign_partners (campaign_id, partner_id)
SELECT c.id, p.id
FROM config.campaigns AS c
JOIN config.partners AS p ON p.team_id = c.team_id AND p.id = $2::integer AND p.state <> 'deleted'
WHERE c.id = $1::integer
ON CONFLICT (campaign_id, partner_id) DO UPDATE SET state = 'active')sql";

constexpr const char* kLink = R"sql(
SELECT t.id::text FROM config.links AS t
WHERE campaign_id = $1::integer AND partner_id = $2::integer AND state = 'active'
ORDER BY t.id LIMIT 1)sql";

constexpr const char* kMakeLink = R"sql(
INSERT INTO config.links (team_id, campaign_id, partner_id, code)
SELECT team_id, id, $2::integer, $3 FROM config.campaigns WHERE id = $1::integer
RETURNING id::text)sql";

std::string require_campaign(Context& context, ScopedTransaction& transaction, bool lock) {
  static const Resource campaign = campaign_resource();
  const auto& id = context.path.front();
  if (!is_number(id, 9)) throw not_found();
  if (!Repository(campaign, transaction, context.principal).find(id, lock)) throw not_found();
  return id;
}

http::Response list(Context& context) {
  ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
  const auto rows = transaction.execute(kList, Params().untyped(require_campaign(context, transaction, false)));
  return http::json_response(200, R"({"data":)" + std::string(rows.text(0, 0)) + "}");
}

std::string partner_of(const Context& context) {
  const auto body = context.json_body();
  require_members({id_field("partner_id", Field::required)}, body);
  return std::to_string(body.at("partner_id").get_int64());
}

// Answers with the link: a new one, or the one that the partner has. The campaign is locked, so that two calls do not
// make two.
http::Response assign(Context& context) {
  static const Resource links = link_resource();
  const auto partner = partner_of(context);
  return mutate(context, [&](ScopedTransaction& transaction) {
    const auto campaign = require_campaign(context, transaction, true);
    const auto both = [&] {
      Params params;
      params.untyped(campaign).untyped(partner);
      return params;
    };
    if (transaction.execute(kAssign, both()).affected() == 0) {
      throw invalid_field("partner_id", "names no record of the team");
    }
    auto link = transaction.execute(kLink, both());
    const bool made = link.rows() == 0;
    if (made) link = transaction.execute(kMakeLink, both().text(random_base62(kCodeLength)));
    const auto row = Repository(links, transaction, context.principal).find(std::string(link.text(0, 0)));
    write_audit(transaction, context, {"assign", "campaign", campaign, std::nullopt, row->json});
    return Change{record_response(row->json, row->version, made ? 201 : 200), std::nullopt};
  });
}

// The links stay, with what they earn; whoever wants that they end deletes them.
http::Response release(Context& context) {
  if (!is_number(context.path.back(), 9)) throw not_found();
  return mutate(context, [&](ScopedTransaction& transaction) {
    const auto campaign = require_campaign(context, transaction, true);
    const auto gone = transaction.execute(
        "DELETE FROM config.campaign_partners WHERE campaign_id = $1::integer AND partner_id = $2::integer",
        Params().untyped(campaign).untyped(context.path.back()));
    if (gone.affected() == 0) throw not_found();
    write_audit(transaction, context, {"release", "campaign", campaign, std::nullopt, std::nullopt});
    return Change{http::Response{204, {}, {}}, std::nullopt};
  });
}

}  // namespace

void add_campaign_partner_routes(Routes& routes) {
  const std::string path = "/api/v1/campaigns/{id}/partners";
  routes.push_back({"GET", path, Access::team, list});
  routes.push_back({"POST", path, Access::team, assign});
  routes.push_back({"DELETE", path + "/{partner_id}", Access::team, release});
}

}  // namespace tributary::admin
