#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/click_id/click_id.h"

// Whose customer it was: pure, from the evidence that an event brings and what is known of it. DOC: docs/advertisers.md
namespace tributary {

// A kind of evidence.
enum class Matcher : std::uint8_t { coupon, ref_code, landing_url, referrer, click_id };
inline constexpr std::size_t kMatcherCount = 5;
std::string_view matcher_name(Matcher matcher) noexcept;
std::optional<Matcher> find_matcher(std::string_view name) noexcept;

enum class MatchOutcome : std::uint8_t {
  credited,
  outranked,  // good, but a stronger one had it
  unknown,    // no coupon or link of that code, no click of that id
  foreign,    // it belongs to a campaign of somebody else
  not_yet_valid,
  expired,
  generic,  // a coupon that anybody may hand out: it names the campaign, and links say whose customer it was
  too_old,  // the click lies before the window
};
std::string_view match_outcome_name(MatchOutcome outcome) noexcept;

struct CouponFacts {
  std::uint32_t id = 0;
  std::uint32_t campaign = 0;
  std::uint32_t partner = 0;  // 0: generic
  std::int64_t valid_from_us = INT64_MIN;
  std::int64_t valid_until_us = INT64_MAX;  // before it was invalidated, too
};

struct LinkFacts {
  std::uint32_t id = 0;
  std::uint32_t campaign = 0;
  std::uint32_t partner = 0;
  bool foreign = false;
};

struct ClickFacts {
  ClickIdentity id{};
  std::int64_t time_us = 0;
  std::uint32_t campaign = 0;
  std::uint32_t partner = 0;  // 0: it came over no link
  std::uint32_t link = 0;
  bool foreign = false;
};

// What an event brings of one kind, and what was found for it.
template <typename Facts>
struct Proof {
  bool given = false;
  std::optional<Facts> found{};
};

struct Evidence {
  std::int64_t time_us = 0;  // of the event
  Proof<CouponFacts> coupon{};
  Proof<LinkFacts> ref_code{};
  Proof<LinkFacts> landing_url{};
  Proof<LinkFacts> referrer{};
  Proof<ClickFacts> click{};
  std::span<const ClickFacts> touches{};  // other clicks of the same customer, in any order
};

struct AttributionRules {
  std::array<Matcher, kMatcherCount> matchers{Matcher::coupon, Matcher::ref_code, Matcher::landing_url,
                                              Matcher::referrer, Matcher::click_id};
  std::size_t count = kMatcherCount;                   // of `matchers`, strongest first; the others are not looked at
  std::int64_t window_us = 30LL * 86'400 * 1'000'000;  // how long after a click an event may be its
};

struct Candidate {
  Matcher matcher{};
  MatchOutcome outcome{};
  std::uint32_t campaign = 0;
  std::uint32_t partner = 0;
  std::uint32_t link = 0;
  std::uint32_t coupon = 0;
  ClickIdentity click{};
};

struct Attribution {
  std::optional<Candidate> winner{};  // none: unattributed
  std::uint8_t confidence = 0;        // percent
  std::uint32_t coupon = 0;           // the valid coupon that the event brought, also where another proof won
  std::array<Candidate, kMatcherCount> losers{};
  std::size_t loser_count = 0;
};

// The first matcher whose proof holds has it. A coupon credits its partner; the code of a link credits the owner of the
// link, always; among clicks of one customer the first in the window counts (first touch). A generic coupon alone
// credits its campaign and nobody.
Attribution attribute(const Evidence& evidence, const AttributionRules& rules) noexcept;

// The value of ref_code in the query of a URL, decoded into `buffer` where it has to be; empty: there is none.
std::string_view ref_code_in(std::string_view url, std::span<char> buffer) noexcept;

}  // namespace tributary
