#pragma once

#include <cstdint>

#include "core/state/shared_state.h"
#include "core/state/table_sizes.h"
#include "core/state/transaction_table.h"
#include "ngx_module/conf.h"
#include "ngx_module/directive_checks.h"

// The directives that say how large the tables of the shared state are: one function, one line for each table.
namespace tributary {

struct TableSize {
  std::uint32_t SharedState::Options::*records;
  bool GivenTables::*given;
  Limits limits;             // of records
  std::size_t bucket_bytes;  // 0: given as slots=N; otherwise as size=SIZE, a power of two
};

inline constexpr TableSize kRotations{
    &SharedState::Options::rotation_slots, &GivenTables::rotations, {1, kMaxRotationTable}, 0};
inline constexpr TableSize kCaps{&SharedState::Options::cap_slots, &GivenTables::caps, {1, kMaxCapSlots}, 0};
inline constexpr TableSize kOverlay{
    &SharedState::Options::overlay_destinations, &GivenTables::overlay, {1, kMaxOverlayDestinations}, 0};
inline constexpr TableSize kUniques{&SharedState::Options::unique_buckets,
                                    &GivenTables::uniques,
                                    {kMinSeenBuckets, kMaxSeenBuckets},
                                    sizeof(SeenBucket)};
inline constexpr TableSize kAntiRepeat{&SharedState::Options::last_seen_buckets,
                                       &GivenTables::anti_repeat,
                                       {kMinSeenBuckets, kMaxSeenBuckets},
                                       sizeof(SeenBucket)};
inline constexpr TableSize kRecentClicks{&SharedState::Options::recent_click_buckets,
                                         &GivenTables::recent_clicks,
                                         {kMinTransactionBuckets, kMaxTransactionBuckets},
                                         kTransactionBucketBytes};
inline constexpr TableSize kCapValues{&SharedState::Options::cap_value_lines,
                                      &GivenTables::cap_values,
                                      {kMinCapValueLines, kMaxCapValueLines},
                                      sizeof(CapValueLine)};
inline constexpr TableSize kTransactions{&SharedState::Options::transaction_buckets,
                                         &GivenTables::transactions,
                                         {kMinTransactionBuckets, kMaxTransactionBuckets},
                                         kTransactionBucketBytes};

// Reads the one argument of such a directive.
char* set_table_size(ngx_conf_t* cf, MainConf& conf, const TableSize& table) noexcept;

template <const TableSize& kTable>
char* table_directive(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
  return set_table_size(cf, *static_cast<MainConf*>(conf), kTable);
}

}  // namespace tributary
