#pragma once

#include "admin-api/resources/resource.h"

// What networks and partners have in common: who may post for them, and what is answered.
namespace tributary::admin {

Field postback_auth_field();
Field postback_answer_field();
Field postback_secret_field();    // given when created; nobody sees it again
Field allowed_addresses_field();  // of auth ip; stored by set_allowed_addresses

// For before_insert and before_update.
void set_allowed_addresses(Write& write, std::vector<ColumnValue>& columns);

// For after_write: what tokens open has a secret from its first moment, shown this once. `store` keeps its hash.
void create_postback_secret(Write& write, void (*store)(Write&, const std::string& secret));

}  // namespace tributary::admin
