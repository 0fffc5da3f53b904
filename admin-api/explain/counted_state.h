#pragma once

#include <exception>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "admin-api/db/scoped_transaction.h"
#include "admin-api/explain/explain_state.h"
#include "core/routing/router.h"
#include "core/state/seen_table.h"

namespace tributary::fbs {
struct Cap;
}

namespace tributary::admin {

// The state that a click met, as far as it follows from the clicks that were stored before it: caps are counted, visits
// are gone through as the edge did. Health and ROI are those of now. What edges have answered and the ingestor has not
// stored yet is missing. Nothing is asked before it is needed, and everything once.
class CountedState final : public ExplainState {
 public:
  struct Click {
    const fbs::Campaign* campaign;
    Visitor& visitor;
    std::uint64_t now_ms;
    ClickIdentity before;  // clicks with smaller ids come before it
  };

  // All must outlive it.
  CountedState(ScopedTransaction& transaction, const SnapshotView& snapshot, const Click& click);

  std::optional<std::uint32_t> count(std::uint32_t slot, std::uint32_t window) override;
  CapTake would_take(std::uint32_t slot, std::uint32_t window, std::uint32_t limit) noexcept override;
  bool known(VisitorMark mark, std::uint64_t now_ms, std::uint32_t window_s) noexcept override;
  bool seen(VisitorMark mark, std::uint64_t now_ms, std::uint32_t window_s) noexcept override;
  DestinationFacts facts(std::uint32_t destination) noexcept override;

  // The evaluator knows no exceptions: what failed on its way is thrown here.
  void rethrow_failure() const;

 private:
  // What a cap counts the clicks of.
  struct CapSource {
    const char* column;  // stream or destination
    std::uint32_t id;
    const fbs::Cap* cap;
  };
  // One visit of the visitor, by a click or by a link of a lander.
  struct Seen {
    std::uint32_t campaign;
    std::uint32_t stream;
    std::uint32_t destination;  // 0: he saw a lander
    std::uint64_t time_ms;
    bool is_click;
  };
  class SeenMemory {
   public:
    SeenMemory();
    SeenTable& table() noexcept { return table_; }

   private:
    std::vector<SeenBucket> buckets_;
    StateTableEntry entry_{};
    std::uint64_t growing_from_ = 0;
    SeenTable table_;
  };

  template <typename Ask>
  auto guarded(Ask&& ask) noexcept -> decltype(ask());
  void add_sources(const fbs::Campaign& campaign);
  std::uint32_t count_clicks(const CapSource& source, std::uint32_t window);
  void go_through_visits();
  void remember(const Seen& visit);
  SeenTable& table(SeenScope scope) noexcept;

  ScopedTransaction& transaction_;
  const SnapshotView& snapshot_;
  Click click_;
  std::unordered_map<std::uint32_t, CapSource> sources_;  // by slot
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> counts_;
  std::optional<std::vector<DestinationFacts>> facts_;
  bool visits_known_ = false;
  SeenMemory uniques_;
  SeenMemory last_seen_;
  std::exception_ptr failure_;
};

}  // namespace tributary::admin
