#include "ingestor/store/signed_calls.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace tributary::ingest {
namespace {

constexpr const char* kInsert = R"sql(
  INSERT INTO events.signed_calls (network, affiliate, signature, received_at)
  SELECT network, affiliate, signature, received_at
  FROM unnest($1::integer[], $2::integer[], $3::bytea[], $4::timestamptz[])
    AS g (network, affiliate, signature, received_at)
  ON CONFLICT DO NOTHING
  RETURNING network, affiliate, signature)sql";

using SignedCallKey = std::tuple<std::int32_t, std::int32_t, std::string>;

SignedCallKey key_of(const PostbackFact& fact) {
  return {fact.network, fact.affiliate, fact.signature};
}

// In the order of their keys, in which every ingestor inserts them.
std::vector<const PostbackFact*> signed_facts(const Batch& batch) {
  std::vector<const PostbackFact*> facts;
  const auto add = [&](const PostbackFact& fact) {
    if (!fact.signature.empty()) facts.push_back(&fact);
  };
  std::for_each(batch.facts.begin(), batch.facts.end(), add);
  for (const ExternalPostback& postback : batch.external_postbacks) add(postback.fact);
  std::stable_sort(facts.begin(), facts.end(), [](const auto* a, const auto* b) { return key_of(*a) < key_of(*b); });
  return facts;
}

std::set<SignedCallKey> insert(Connection& connection, const std::vector<const PostbackFact*>& facts) {
  using In = const PostbackFact*;
  Params params;
  params.array(oid::kInt4Array, oid::kInt4, facts, [](BinaryWriter& out, In f) { out.int4(f->network); });
  params.array(oid::kInt4Array, oid::kInt4, facts, [](BinaryWriter& out, In f) { out.int4(f->affiliate); });
  params.array(oid::kByteaArray, oid::kBytea, facts, [](BinaryWriter& out, In f) { out.bytes(f->signature); });
  params.array(oid::kTimestamptzArray, oid::kTimestamptz, facts,
               [](BinaryWriter& out, In f) { out.timestamptz(static_cast<std::int64_t>(f->time_us)); });
  const QueryResult rows = connection.execute(kInsert, params);
  std::set<SignedCallKey> fresh;
  for (int row = 0; row < rows.rows(); ++row) {
    fresh.emplace(static_cast<std::int32_t>(rows.integer(row, 0)), static_cast<std::int32_t>(rows.integer(row, 1)),
                  rows.bytes(row, 2));
  }
  return fresh;
}

}  // namespace

void drop_repeated_calls(Connection& connection, Batch& batch) {
  const auto facts = signed_facts(batch);
  if (facts.empty()) return;
  auto fresh = insert(connection, facts);
  // The first of each takes its key, so that the next one finds none.
  const auto is_repeated = [&](const PostbackFact& fact) {
    return !fact.signature.empty() && fresh.erase(key_of(fact)) == 0;
  };
  std::erase_if(batch.facts, is_repeated);
  std::erase_if(batch.external_postbacks, [&](const ExternalPostback& p) { return is_repeated(p.fact); });
}

}  // namespace tributary::ingest
