#pragma once

#include <cstdint>

#include "admin-api/db/pool.h"

namespace tributary::admin {

// Makes the first key of click ids when there is none.
void ensure_click_key(ConnectionPool& pool);

// Adds a key that begins to mint in `delay_s`, so that every edge knows it before the first id is made with it. Ids of
// the older keys are refused `valid_days` after that; 0: never. Returns the number of the new key.
int add_click_key(ConnectionPool& pool, std::uint32_t delay_s, std::uint32_t valid_days);

}  // namespace tributary::admin
