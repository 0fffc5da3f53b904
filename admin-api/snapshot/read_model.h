#pragma once

#include <unordered_map>
#include <vector>

#include "admin-api/db/scoped_transaction.h"
#include "core/snapshot/model.h"

namespace tributary::admin {

// The tables of `config` as the model that the builder compiles, as they were when the generation was made.
model::Snapshot read_model(ScopedTransaction& transaction);

// The parts, in the files of their subjects. `only` is an array of ids as PostgreSQL writes it ("{1,2}"); none: all.
using OnlyIds = std::optional<std::string>;
// Campaigns, with the rotations that they name, and rotations.
struct RoutingPart {
  std::string campaigns = "{}";
  std::string rotations = "{}";
};
using OnlyPart = std::optional<RoutingPart>;
void read_routing(ScopedTransaction& transaction, model::Snapshot& snapshot, OnlyPart only = {});
void read_sources(ScopedTransaction& transaction, model::Snapshot& snapshot);
void read_domains(ScopedTransaction& transaction, model::Snapshot& snapshot);
void read_networks(ScopedTransaction& transaction, model::Snapshot& snapshot, const OnlyIds& only_networks = {});
void read_partners(ScopedTransaction& transaction, model::Snapshot& snapshot);
void read_advertisers(ScopedTransaction& transaction, model::Snapshot& snapshot);
void read_links(ScopedTransaction& transaction, model::Snapshot& snapshot);

// Secrets of signatures by the id of their owner, of rows (owner, secret, end in ms or 0), the newest first.
using SigningSecrets = std::unordered_map<std::uint32_t, std::vector<model::SignatureSecret>>;
SigningSecrets read_signing_secrets(const QueryResult& rows);

// $1 and $2 of a statement that reads a part; null for everything.
Params part_parameters(const OnlyPart& only);

model::State state_from(std::string_view word);
model::Uuid uuid_from(const std::array<std::uint8_t, 16>& bytes);

}  // namespace tributary::admin
