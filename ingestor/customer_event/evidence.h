#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/attribution/attribution.h"
#include "ingestor/customer_event/customer_fact.h"
#include "ingestor/owners/owner.h"
#include "platform/postgres/connection.h"

namespace tributary::ingest {

// What is known of an advertiser.
struct AdvertiserFacts {
  TeamId team{};
  AttributionRules rules;
};

// Everything that the events of one batch can be judged by, read in the batch's transaction with one statement for each
// kind of it.
class EvidenceBook {
 public:
  EvidenceBook(Connection& connection, const std::vector<CustomerFact>& facts);

  const AdvertiserFacts& advertiser(const CustomerFact& fact) const;
  // Views into the book, good until the next remember().
  Evidence evidence(const CustomerFact& fact) const;

  // A click that is now known to be one of the customer's, for the events behind this one.
  void remember(const CustomerFact& fact, const ClickFacts& click);

 private:
  struct Link {
    LinkFacts facts;
    TeamId team{};
    std::int32_t advertiser = 0;  // of its campaign; 0: it has none
  };
  struct Click {
    ClickFacts facts;
    TeamId team{};
    std::int32_t advertiser = 0;
  };
  using CustomerKey = std::pair<std::uint32_t, std::string>;  // of an advertiser

  void load_advertisers(Connection& connection, const std::vector<CustomerFact>& facts);
  void load_coupons(Connection& connection, const std::vector<CustomerFact>& facts);
  void load_links(Connection& connection, const std::vector<CustomerFact>& facts);
  void load_clicks(Connection& connection, const std::vector<CustomerFact>& facts);
  void load_touches(Connection& connection, const std::vector<CustomerFact>& facts);
  Proof<LinkFacts> link(const CustomerFact& fact, std::string_view code) const;
  Proof<ClickFacts> click(const CustomerFact& fact) const;

  std::map<std::uint32_t, AdvertiserFacts> advertisers_;
  std::map<CustomerKey, CouponFacts> coupons_;  // by code as sent
  std::map<std::string, Link, std::less<>> links_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, Click> clicks_;
  std::map<CustomerKey, std::vector<ClickFacts>> touches_;
};

// The code of a link that a URL carries.
std::string ref_code_of(std::string_view url);

}  // namespace tributary::ingest
