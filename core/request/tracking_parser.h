#pragma once

#include <span>
#include <string_view>

#include "core/event/event.h"
#include "core/request/query.h"

namespace tributary {

// Bump allocator over memory of the caller (a chunk of r->pool, a stack buffer): where decoded values go.
class Arena {
 public:
  explicit Arena(std::span<char> memory) noexcept : free_(memory) {}
  std::span<char> take(std::size_t n) noexcept;  // empty when there is not enough
  std::span<char> rest() const noexcept { return free_; }

 private:
  std::span<char> free_;
};

// Recognises sub1..sub30 (and s1, c1, t1, var1, sub_id_1, aff_sub, ...), utm_*, cost, currency, external_id, keyword
// and their aliases in a parsed query. First one wins. Values are decoded once, at most 512 bytes each (4 KiB per
// click); what is cut sets kLabelTruncated in `labels`. A cost that is not a plain non-negative decimal is left out.
Tracking parse_tracking(std::span<const QueryParameter> query, Arena& arena, std::uint32_t& labels) noexcept;

}  // namespace tributary
