#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "core/event/event.h"
#include "ingestor/conversion/fold.h"
#include "ingestor/owners/owner.h"
#include "platform/postgres/binary.h"

namespace tributary::ingest {

inline constexpr std::size_t kStatusCount = 7;  // values of ConversionStatus

// Sums of legal amounts: a batch of the largest ones does not fit 64 bits.
using MoneySum = __int128;

struct RollupKey {
  std::int64_t bucket_us = 0;
  std::int32_t campaign = 0;
  TeamId team{};
  std::array<char, 3> currency{};  // all zero: none
  friend bool operator==(const RollupKey&, const RollupKey&) = default;
};

struct RollupKeyHash {
  std::size_t operator()(const RollupKey& key) const noexcept;
};

// Conversions in one time base: that of the click or that of the first receipt.
struct ConversionMeasures {
  std::array<std::int64_t, kStatusCount> by_status{};  // indexed by ConversionStatus
  MoneySum payout = 0;
  MoneySum revenue = 0;
};

struct RollupMeasures {
  std::int64_t clicks = 0;
  std::int64_t unique_stream = 0;
  std::int64_t unique_campaign = 0;
  std::int64_t unique_global = 0;
  std::int64_t labelled = 0;
  std::int64_t trafficbacks = 0;
  std::int64_t postbacks = 0;
  std::int64_t lander_views = 0;
  std::int64_t lander_clicks = 0;
  MoneySum cost = 0;
  ConversionMeasures by_click;
  ConversionMeasures by_receipt;
};

// The groups of one batch, added up before they are sent: what costs in PostgreSQL is the number of groups.
class Rollup {
 public:
  void add_click(const Owner& owner, std::uint64_t time_us, const Click& click);
  void add_trafficback(const Owner& owner, std::uint64_t time_us, const Trafficback& trafficback);
  void add_lander_click(const Owner& owner, std::uint64_t time_us);
  void add_postback(const Owner& owner, std::uint64_t time_us);

  // A conversion as it was (sign -1) and as it is now (sign +1): corrections go to the buckets of its click and of its
  // first receipt, never to now. One without a click counts in the bucket of receipt in both time bases.
  void add_conversion(const ConversionState& state, int sign);

  const std::unordered_map<RollupKey, RollupMeasures, RollupKeyHash>& groups() const noexcept { return groups_; }

  // Rows for COPY into kRollupDelta; groups whose measures are all zero are left out.
  std::size_t encode(std::int64_t batch, BinaryWriter& out) const;

 private:
  RollupMeasures& group(const Owner& owner, std::uint64_t time_us, std::string_view currency);

  std::unordered_map<RollupKey, RollupMeasures, RollupKeyHash> groups_;
};

extern const char* const kRollupDelta;  // table and columns

}  // namespace tributary::ingest
