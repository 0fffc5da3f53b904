#pragma once

#include "admin-api/db/scoped_transaction.h"
#include "core/snapshot/model.h"

namespace tributary::admin {

// The tables of `config` as the model that the builder compiles, as they were when the generation was made.
model::Snapshot read_model(ScopedTransaction& transaction);

// The parts, in the files of their subjects.
void read_routing(ScopedTransaction& transaction, model::Snapshot& snapshot);
void read_networks(ScopedTransaction& transaction, model::Snapshot& snapshot);

model::State state_from(std::string_view word);
model::Uuid uuid_from(const std::array<std::uint8_t, 16>& bytes);

}  // namespace tributary::admin
