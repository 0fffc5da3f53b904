#pragma once

#include "admin-api/resources/resource.h"

namespace tributary::admin {

inline constexpr std::int64_t kMaxWeight = 1'000'000;

// What a stream chooses from by weight, in order: its destinations, its landers.
struct StreamMembers {
  std::string entity;  // "lander": the list is `landers` and names each by `lander_id`
  std::size_t most = 0;
  const char* select = nullptr;  // the list as JSON, over row t
  const char* remove = nullptr;  // those of stream $1
  const char* store = nullptr;   // the list $2::jsonb as those of stream $1; leaves out what its team does not have
  FieldCheck whole = {};         // what a list has to be, beside naming each once
};

Field members_field(const StreamMembers& members);

// Stores the list when the body has one. Throws 422 when one of them does not exist in the team of the stream.
void store_members(Write& write, const StreamMembers& members);

}  // namespace tributary::admin
