#include "admin-api/api/mutation.h"
#include "admin-api/resources/crud.h"
#include "admin-api/resources/repository.h"
#include "admin-api/resources/shared_fields.h"
#include "admin-api/text/formats.h"
#include "admin-api/text/random_text.h"

namespace tributary::admin {
namespace {

constexpr std::size_t kCodeLength = 10;  // 8 * 10^17 of them: nobody guesses one that exists

// A link without a code gets one.
void make_code(Write& write, std::vector<ColumnValue>& columns) {
  if (!write.body.contains("code")) columns.push_back({"code", random_base62(kCodeLength)});
}

constexpr const char* kCopy = R"sql(
INSERT INTO config.links (team_id, campaign_id, partner_id, name, url, state, code)
SELECT team_id, campaign_id, partner_id, name, url, state, $2 FROM config.links WHERE id = $1::integer
RETURNING id::text)sql";

constexpr const char* kReplace = R"sql(
UPDATE config.links SET state = 'replaced', replaced_by = $2::integer WHERE id = $1::integer)sql";

// A link that was replaced is the history of its code, and stays as it is. The row is locked.
void require_not_replaced(ScopedTransaction& transaction, const std::string& id) {
  const auto row = transaction.execute(
      "SELECT replaced_by FROM config.links WHERE id = $1::integer AND state = 'replaced'", Params().untyped(id));
  if (row.rows() == 1) throw conflict("link " + std::to_string(row.integer(0, 0)) + " has replaced this link");
}

// The new code: as asked for, or made.
std::string code_of(const Context& context, const Resource& links) {
  if (context.request.body.empty()) return random_base62(kCodeLength);
  const auto body = context.json_body();
  require_members({*links.find("code")}, body);
  return body.contains("code") ? std::string(body.at("code").get_string()) : random_base62(kCodeLength);
}

// A copy with another code takes the place of the link, whose clicks stay its own. Who comes second, at the same time
// too, finds it replaced.
http::Response regenerate(Context& context) {
  static const Resource links = link_resource();
  const auto& id = context.path.front();
  if (!is_number(id, 9)) throw not_found();
  const auto code = code_of(context, links);
  return mutate(context, [&](ScopedTransaction& transaction) {
    Repository repository(links, transaction, context.principal);
    const auto before = repository.find(id, true);
    if (!before) throw not_found();
    require_not_replaced(transaction, id);
    const std::string made(transaction.execute(kCopy, Params().untyped(id).text(code)).text(0, 0));
    transaction.execute(kReplace, Params().untyped(id).untyped(made));
    write_audit(transaction, context, {"regenerate", links.name, id, before->json, repository.find(id)->json});
    const auto row = repository.find(made);
    write_audit(transaction, context, {"create", links.name, made, std::nullopt, row->json});
    auto response = record_response(row->json, row->version, 201);
    response.set("Location", "/api/v1/links/" + made);
    return Change{std::move(response), std::nullopt};
  });
}

}  // namespace

void add_link_routes(Routes& routes) {
  add_crud_routes(routes, link_resource());
  routes.push_back({"POST", "/api/v1/links/{id}/regenerate", Access::team, regenerate});
}

Resource link_resource() {
  Resource resource{.name = "link", .path = "links", .table = "config.links"};
  resource.fields = {
      team_field(),
      id_field("campaign_id", Field::required | Field::fixed),
      id_field("partner_id", Field::required | Field::fixed),
      {.name = "code",
       .flags = Field::fixed,
       .min = 4,
       .max = 64,
       .check = matches("[A-Za-z0-9_-]{4,64}", "4 to 64 letters, digits, _ and -")},
      {.name = "name"},
      {.name = "url", .kind = FieldKind::url, .flags = Field::nullable},
      state_field(),
      {.name = "replaced_by", .kind = FieldKind::integer, .flags = Field::read_only},
  };
  resource.filters = {"state", "campaign_id", "partner_id", "code", "team_id"};
  resource.before_insert = make_code;
  resource.before_update = [](Write& write, std::vector<ColumnValue>&) {
    require_not_replaced(write.transaction, write.id);
  };
  return resource;
}

}  // namespace tributary::admin
