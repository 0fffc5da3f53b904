#include "core/attribution/attribution.h"

#include "core/request/query.h"

namespace tributary {
namespace {

constexpr std::string_view kMatcherNames[kMatcherCount] = {"coupon", "ref_code", "landing_url", "referrer", "click_id"};

// How far each kind of evidence is believed.
constexpr std::uint8_t kConfidence[kMatcherCount] = {100, 95, 90, 85, 80};
constexpr std::uint8_t kCampaignOnly = 50;

bool in_window(const ClickFacts& click, const Evidence& evidence, const AttributionRules& rules) noexcept {
  return click.time_us <= evidence.time_us && click.time_us >= evidence.time_us - rules.window_us;
}

Candidate judge_coupon(const Evidence& evidence) noexcept {
  Candidate candidate{.matcher = Matcher::coupon, .outcome = MatchOutcome::unknown};
  if (!evidence.coupon.found) {
    return candidate;
  }
  const CouponFacts& coupon = *evidence.coupon.found;
  candidate.coupon = coupon.id;
  candidate.campaign = coupon.campaign;
  candidate.partner = coupon.partner;
  if (evidence.time_us < coupon.valid_from_us) {
    candidate.outcome = MatchOutcome::not_yet_valid;
  } else if (evidence.time_us >= coupon.valid_until_us) {
    candidate.outcome = MatchOutcome::expired;
  } else {
    candidate.outcome = coupon.partner == 0 ? MatchOutcome::generic : MatchOutcome::credited;
  }
  return candidate;
}

// Its owner has it whatever the clicks say; they only tell which of them came first.
Candidate judge_link(Matcher matcher, const Proof<LinkFacts>& proof, const Evidence& evidence,
                     const AttributionRules& rules) noexcept {
  Candidate candidate{.matcher = matcher, .outcome = MatchOutcome::unknown};
  if (!proof.found) {
    return candidate;
  }
  candidate.campaign = proof.found->campaign;
  candidate.partner = proof.found->partner;
  candidate.link = proof.found->id;
  if (proof.found->foreign) {
    candidate.outcome = MatchOutcome::foreign;
    return candidate;
  }
  candidate.outcome = MatchOutcome::credited;
  const ClickFacts* first = nullptr;
  const auto look = [&](const ClickFacts& click) {
    const bool its = click.link == candidate.link && in_window(click, evidence, rules);
    if (its && (first == nullptr || click.time_us < first->time_us)) {
      first = &click;
    }
  };
  if (evidence.click.found) {
    look(*evidence.click.found);
  }
  for (const ClickFacts& touch : evidence.touches) {
    look(touch);
  }
  if (first != nullptr) {
    candidate.click = first->id;
  }
  return candidate;
}

void fill(Candidate& candidate, const ClickFacts& click, MatchOutcome outcome) noexcept {
  candidate.outcome = outcome;
  candidate.campaign = click.campaign;
  candidate.partner = click.partner;
  candidate.link = click.link;
  candidate.click = click.id;
}

// First touch: the earliest click of the customer in the window.
Candidate judge_click(const Evidence& evidence, const AttributionRules& rules) noexcept {
  Candidate candidate{.matcher = Matcher::click_id, .outcome = MatchOutcome::unknown};
  const ClickFacts* own = evidence.click.found ? &*evidence.click.found : nullptr;
  if (own != nullptr && own->foreign) {
    fill(candidate, *own, MatchOutcome::foreign);
    return candidate;
  }
  const ClickFacts* first = own != nullptr && in_window(*own, evidence, rules) ? own : nullptr;
  for (const ClickFacts& touch : evidence.touches) {
    const bool counts = !touch.foreign && in_window(touch, evidence, rules);
    if (counts && (first == nullptr || touch.time_us < first->time_us)) {
      first = &touch;
    }
  }
  if (first != nullptr) {
    fill(candidate, *first, MatchOutcome::credited);
  } else if (own != nullptr || !evidence.touches.empty()) {
    fill(candidate, own != nullptr ? *own : evidence.touches.front(), MatchOutcome::too_old);
  }
  return candidate;
}

bool is_given(Matcher matcher, const Evidence& evidence) noexcept {
  switch (matcher) {
    case Matcher::coupon: return evidence.coupon.given;
    case Matcher::ref_code: return evidence.ref_code.given;
    case Matcher::landing_url: return evidence.landing_url.given;
    case Matcher::referrer: return evidence.referrer.given;
    case Matcher::click_id: return evidence.click.given || !evidence.touches.empty();
  }
  return false;
}

Candidate judge(Matcher matcher, const Evidence& evidence, const AttributionRules& rules) noexcept {
  switch (matcher) {
    case Matcher::coupon: return judge_coupon(evidence);
    case Matcher::ref_code: return judge_link(matcher, evidence.ref_code, evidence, rules);
    case Matcher::landing_url: return judge_link(matcher, evidence.landing_url, evidence, rules);
    case Matcher::referrer: return judge_link(matcher, evidence.referrer, evidence, rules);
    case Matcher::click_id: return judge_click(evidence, rules);
  }
  return {};
}

// Nobody had it: what a generic coupon says of the campaign is all there is.
void credit_campaign(Attribution& result) noexcept {
  for (std::size_t i = 0; i < result.loser_count; ++i) {
    if (result.losers[i].outcome != MatchOutcome::generic) {
      continue;
    }
    result.winner = result.losers[i];
    result.confidence = kCampaignOnly;
    result.losers[i] = result.losers[--result.loser_count];
    return;
  }
}

}  // namespace

std::string_view matcher_name(Matcher matcher) noexcept {
  return kMatcherNames[static_cast<std::size_t>(matcher)];
}

std::optional<Matcher> find_matcher(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kMatcherCount; ++i) {
    if (kMatcherNames[i] == name) {
      return static_cast<Matcher>(i);
    }
  }
  return std::nullopt;
}

std::string_view match_outcome_name(MatchOutcome outcome) noexcept {
  switch (outcome) {
    case MatchOutcome::credited: return "credited";
    case MatchOutcome::outranked: return "outranked";
    case MatchOutcome::unknown: return "unknown";
    case MatchOutcome::foreign: return "foreign";
    case MatchOutcome::not_yet_valid: return "not_yet_valid";
    case MatchOutcome::expired: return "expired";
    case MatchOutcome::generic: return "generic";
    case MatchOutcome::too_old: return "too_old";
  }
  return "unknown";
}

Attribution attribute(const Evidence& evidence, const AttributionRules& rules) noexcept {
  Attribution result;
  for (std::size_t i = 0; i < rules.count; ++i) {
    if (!is_given(rules.matchers[i], evidence)) {
      continue;
    }
    Candidate candidate = judge(rules.matchers[i], evidence, rules);
    const bool good = candidate.outcome == MatchOutcome::credited;
    if (candidate.matcher == Matcher::coupon && (good || candidate.outcome == MatchOutcome::generic)) {
      result.coupon = candidate.coupon;
    }
    if (good && !result.winner) {
      result.winner = candidate;
      result.confidence = kConfidence[static_cast<std::size_t>(candidate.matcher)];
      continue;
    }
    candidate.outcome = good ? MatchOutcome::outranked : candidate.outcome;
    result.losers[result.loser_count++] = candidate;
  }
  if (!result.winner) {
    credit_campaign(result);
  }
  return result;
}

std::string_view ref_code_in(std::string_view url, std::span<char> buffer) noexcept {
  const std::size_t question = url.find('?');
  if (question == std::string_view::npos) {
    return {};
  }
  std::array<QueryParameter, kMaxQueryParameters> parameters;
  bool truncated = false;
  const std::string_view query = url.substr(question + 1);
  const std::size_t count = parse_query(query.substr(0, query.find('#')), parameters, truncated);
  for (const QueryParameter& parameter : std::span(parameters).first(count)) {
    if (parameter.name == "ref_code" && !parameter.value.empty()) {
      return decode_component(parameter.value, buffer);
    }
  }
  return {};
}

}  // namespace tributary
