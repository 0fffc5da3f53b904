#include "ingestor/customer_event/credit.h"

namespace tributary::ingest {
namespace {

std::string json_of(const Candidate& candidate) {
  std::string json = R"({"matcher":")" + std::string(matcher_name(candidate.matcher)) + R"(","outcome":")" +
                     std::string(match_outcome_name(candidate.outcome)) + '"';
  const std::pair<const char*, std::uint32_t> ids[] = {{"campaign", candidate.campaign},
                                                       {"affiliate", candidate.partner},
                                                       {"link", candidate.link},
                                                       {"coupon", candidate.coupon}};
  const bool own = candidate.outcome != MatchOutcome::foreign;  // else another team's numbers
  for (const auto& [name, id] : ids) {
    if (own && id != 0) json += std::string(",\"") + name + "\":" + std::to_string(id);
  }
  return json + '}';
}

std::string candidates_json(const Attribution& attribution) {
  std::string json;
  for (std::size_t i = 0; i < attribution.loser_count; ++i) {
    json += (i == 0 ? "[" : ",") + json_of(attribution.losers[i]);
  }
  return json.empty() ? json : json + ']';
}

}  // namespace

Credit credit_of(const Attribution& attribution, const ClickIdentity& named_click) {
  const Candidate winner = attribution.winner.value_or(Candidate{});
  Credit credit{.campaign = static_cast<std::int32_t>(winner.campaign),
                .affiliate = static_cast<std::int32_t>(winner.partner),
                .link = static_cast<std::int32_t>(winner.link),
                .coupon = static_cast<std::int32_t>(attribution.coupon),
                .click = winner.click.empty() ? named_click : winner.click,
                .candidates = candidates_json(attribution)};
  if (attribution.winner) {
    credit.confidence = attribution.confidence;
    credit.matcher = matcher_name(winner.matcher);
  }
  return credit;
}

}  // namespace tributary::ingest
