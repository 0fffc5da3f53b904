#include "admin-api/resources/new_coupons.h"

#include <sodium.h>

#include "admin-api/resources/repository.h"

namespace tributary::admin {
namespace {

constexpr const char* kStore = R"sql(
INSERT INTO config.coupons (team_id, advertiser_id, campaign_id, partner_id, code, valid_from, valid_until)
SELECT c.team_id, c.advertiser_id, c.id, given.partner::integer, given.code, given.valid_from::timestamptz,
       given.valid_until::timestamptz
FROM config.campaigns AS c
CROSS JOIN unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS given (code, partner, valid_from, valid_until)
WHERE c.id = $1::integer
ON CONFLICT (advertiser_id, upper(code)) DO NOTHING
RETURNING code)sql";

// Whoever makes coupons of one advertiser at the same time does it one after the other, so that no two wait for codes
// of each other.
constexpr const char* kLockAdvertiser = R"sql(
SELECT a.id
FROM config.campaigns AS c
JOIN config.advertisers AS a ON a.id = c.advertiser_id
WHERE c.id = $1::integer
FOR NO KEY UPDATE OF a)sql";

using Column = std::vector<std::optional<std::string>>;

void add_column(Params& params, const Column& column) {
  params.array(oid::kTextArray, oid::kText, column, [](BinaryWriter& out, const std::optional<std::string>& value) {
    value ? out.text(*value) : out.null();
  });
}

}  // namespace

std::vector<std::string> store_coupons(ScopedTransaction& transaction, const NewCoupons& coupons) {
  Params params;
  params.untyped(coupons.campaign);
  params.array(oid::kTextArray, oid::kText, coupons.codes,
               [](BinaryWriter& out, const std::string& code) { out.text(code); });
  for (const Column* column : {&coupons.partners, &coupons.valid_from, &coupons.valid_until}) {
    add_column(params, *column);
  }
  const auto rows = transaction.execute(kStore, params);
  std::vector<std::string> stored;
  for (int row = 0; row < rows.rows(); ++row) stored.emplace_back(rows.text(row, 0));
  return stored;
}

std::string make_coupon_code(const CouponForm& form) {
  std::string code = form.prefix;
  for (std::size_t i = 0; i < form.length; ++i) {
    code += form.alphabet[randombytes_uniform(static_cast<std::uint32_t>(form.alphabet.size()))];
  }
  return code;
}

void require_advertised_campaign(Context& context, ScopedTransaction& transaction, const std::string& campaign) {
  static const Resource campaigns = campaign_resource();
  if (!Repository(campaigns, transaction, context.principal).find(campaign)) {
    throw invalid_field("campaign_id", "names no record of the team");
  }
  const auto row = transaction.execute(kLockAdvertiser, Params().untyped(campaign));
  if (row.rows() == 0) throw invalid_field("campaign_id", "belongs to no advertiser: coupons are an advertiser's");
}

}  // namespace tributary::admin
