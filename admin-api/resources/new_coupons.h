#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin-api/db/scoped_transaction.h"
#include "admin-api/resources/resource.h"

namespace tributary::admin {

inline constexpr std::size_t kMostNewCoupons = 100'000;  // of one call

// How the codes of coupons are made.
struct CouponForm {
  std::string prefix;
  std::size_t length = 8;                                    // of what follows the prefix
  std::string alphabet = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";  // without I, L, O, 0 and 1, which are taken for each other
};

// One row for each coupon to be; columns of text, as PostgreSQL reads them, null where there is none.
struct NewCoupons {
  std::string campaign;
  std::vector<std::string> codes;
  std::vector<std::optional<std::string>> partners, valid_from, valid_until;
};

// Stores those whose codes nobody has, and returns their codes. Uniqueness is PostgreSQL's: of two that make the same
// code at the same time one gets it.
std::vector<std::string> store_coupons(ScopedTransaction& transaction, const NewCoupons& coupons);

std::string make_coupon_code(const CouponForm& form);

// Throws unless the campaign is one of the caller's team and belongs to an advertiser, which is locked.
void require_advertised_campaign(Context& context, ScopedTransaction& transaction, const std::string& campaign);

}  // namespace tributary::admin
