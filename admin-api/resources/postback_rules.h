#pragma once

#include "admin-api/resources/resource.h"

// What networks and partners have in common: who may post for them, and what is answered.
namespace tributary::admin {

Field postback_auth_field();
Field postback_answer_field();
Field postback_secret_field();    // given when created; nobody sees it again
Field allowed_addresses_field();  // of auth ip; stored by set_allowed_addresses
Field signature_field();          // of auth hmac

// For before_insert and before_update.
void set_allowed_addresses(Write& write, std::vector<ColumnValue>& columns);

// Keeps a secret of network or partner `write.id`.
using StoreSecret = void (*)(Write& write, const std::string& secret);

// For after_write: what tokens open, or signatures, has a secret from its first moment, shown this once.
void create_postback_secret(Write& write, StoreSecret token, StoreSecret hmac);

}  // namespace tributary::admin
