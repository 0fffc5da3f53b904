#include "ingestor/conversion/conversion_store.h"

#include <algorithm>
#include <stdexcept>

#include "ingestor/conversion/conversion_rows.h"
#include "ingestor/conversion/history.h"

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

}  // namespace

std::size_t merge_conversions(Connection& connection, std::int64_t batch, std::vector<PostbackFact>& facts,
                              Rollup& rollup) {
  if (facts.empty()) return 0;
  sort_by_key(facts);
  const std::vector<const PostbackFact*> keys = distinct_keys(facts);
  insert_placeholders(connection, batch, keys);
  std::vector<StoredConversion> conversions = lock_conversions(connection, keys);
  if (conversions.size() != keys.size()) throw std::logic_error("a conversion vanished between INSERT and SELECT");

  HistoryRows history(batch);
  auto fact = facts.cbegin();
  for (StoredConversion& conversion : conversions) {
    rollup.add_conversion(conversion.state, -1);
    const ConversionKey& key = fact->key;
    for (; fact != facts.cend() && fact->key == key; ++fact) {
      const ConversionState before = conversion.state;
      fold(conversion.state, *fact);
      history.add(conversion.id, before, conversion.state, *fact);
    }
    rollup.add_conversion(conversion.state, +1);
  }
  update_conversions(connection, batch, conversions, keys);
  history.store(connection);
  return conversions.size();
}

}  // namespace tributary::ingest
