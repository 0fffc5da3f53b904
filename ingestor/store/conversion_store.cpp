#include "ingestor/store/conversion_store.h"

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>

#include "ingestor/conversion/conversion_rows.h"
#include "ingestor/conversion/history.h"
#include "ingestor/outbound/enqueue.h"

namespace tributary::ingest {
namespace {

// The postbacks of one key stand together, keys in their order, the earliest postback first.
void sort_by_key(std::vector<PostbackFact>& facts) {
  std::sort(facts.begin(), facts.end(), [](const PostbackFact& a, const PostbackFact& b) {
    if (a.key != b.key) return a.key < b.key;
    return Standing{0, a.time_us, a.journal, a.position} < Standing{0, b.time_us, b.journal, b.position};
  });
}

// The first postback of each key.
std::vector<const PostbackFact*> distinct_keys(const std::vector<PostbackFact>& facts) {
  std::vector<const PostbackFact*> keys;
  for (const PostbackFact& fact : facts) {
    if (keys.empty() || keys.back()->key != fact.key) keys.push_back(&fact);
  }
  return keys;
}

using Facts = std::vector<PostbackFact>;

// Folds the postbacks of one key, from `fact` on, into `conversion`, with the history and the rollup that follow.
void fold_key(StoredConversion& conversion, const PostbackFact* fact, const Facts& facts, HistoryRows& history,
              Rollup& rollup) {
  rollup.add_conversion(conversion.state, -1);
  const ClickIdentity click = conversion.state.click.id;
  const ConversionKey& key = fact->key;
  for (const PostbackFact* end = facts.data() + facts.size(); fact != end && fact->key == key; ++fact) {
    const ConversionState before = conversion.state;
    fold(conversion.state, *fact);
    history.add(conversion.id, before, conversion.state, *fact);
  }
  conversion.attributed = conversion.attributed && conversion.state.click.id == click;
  rollup.add_conversion(conversion.state, +1);
}

// What each key comes to if nothing of it is stored yet.
std::vector<StoredConversion> fold_alone(const std::vector<const PostbackFact*>& keys, const Facts& facts) {
  std::vector<StoredConversion> conversions(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    conversions[i].id = keys[i]->conversion_id;
    const PostbackFact* end = facts.data() + facts.size();
    for (const PostbackFact* fact = keys[i]; fact != end && fact->key == keys[i]->key; ++fact) {
      fold(conversions[i].state, *fact);
    }
  }
  return conversions;
}

// The conversions of a batch whose status is new, of teams that pass some on.
class NewStatuses {
 public:
  explicit NewStatuses(Connection& connection) : connection_(connection), teams_(teams_with_templates(connection)) {}

  // What it was before is nothing when the conversion is new.
  void add(const StoredConversion& after, std::optional<ConversionStatus> before) {
    if (before != after.state.status && teams_.contains(after.state.owner.team)) ids_.push_back(after.id);
  }
  void enqueue() { enqueue_postbacks(connection_, ids_); }

 private:
  Connection& connection_;
  std::set<TeamId> teams_;
  std::vector<std::int64_t> ids_;
};

// Those that were there already are locked, folded on and updated.
void change_known(Connection& connection, std::int64_t batch, const std::vector<const PostbackFact*>& known,
                  const Facts& facts, HistoryRows& history, Rollup& rollup, NewStatuses& statuses,
                  Settlement& settlement) {
  if (known.empty()) return;
  std::vector<StoredConversion> conversions = lock_conversions(connection, known);
  if (conversions.size() != known.size()) throw std::logic_error("a conversion vanished between INSERT and SELECT");
  for (std::size_t i = 0; i < known.size(); ++i) {
    const ConversionStatus before = conversions[i].state.status;
    fold_key(conversions[i], known[i], facts, history, rollup);
    statuses.add(conversions[i], before);
    settlement.add_cost(conversions[i].id, conversions[i].state.owner.team);
    settlement.add_commission(conversions[i].id, conversions[i].state.owner.team, conversions[i].affiliate);
  }
  update_conversions(connection, batch, conversions, known);
}

}  // namespace

std::size_t merge_conversions(Connection& connection, std::int64_t batch, std::vector<PostbackFact>& facts,
                              Rollup& rollup, Settlement& settlement) {
  if (facts.empty()) return 0;
  sort_by_key(facts);
  const std::vector<const PostbackFact*> keys = distinct_keys(facts);
  // Nearly all keys are new: one INSERT with the final state, no row version in between.
  const std::vector<StoredConversion> alone = fold_alone(keys, facts);
  const std::vector<bool> inserted = insert_conversions(connection, batch, alone, keys);
  HistoryRows history(batch);
  NewStatuses statuses(connection);
  std::vector<std::int64_t> fresh;
  std::vector<const PostbackFact*> known;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!inserted[i]) {
      known.push_back(keys[i]);
      continue;
    }
    StoredConversion conversion;
    conversion.id = alone[i].id;
    fold_key(conversion, keys[i], facts, history, rollup);
    fresh.push_back(conversion.id);
    statuses.add(conversion, std::nullopt);
    settlement.add_cost(conversion.id, conversion.state.owner.team);
  }
  report_repeated_ids(connection, fresh);
  change_known(connection, batch, known, facts, history, rollup, statuses, settlement);
  history.store(connection);
  statuses.enqueue();
  return keys.size();
}

void decide_conversions(Connection& connection, std::int64_t batch, std::vector<PostbackFact>& decisions,
                        Rollup& rollup, Settlement& settlement) {
  if (decisions.empty()) return;
  sort_by_key(decisions);
  HistoryRows history(batch);
  NewStatuses statuses(connection);
  change_known(connection, batch, distinct_keys(decisions), decisions, history, rollup, statuses, settlement);
  history.store(connection);
  statuses.enqueue();
}

}  // namespace tributary::ingest
