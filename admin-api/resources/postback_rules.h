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

// Secrets of networks or of partners: those that calls of one `auth` need.
struct PostbackSecrets {
  std::string auth, table, column;
};

// Whether owner $1 has one that does not end: what needs one and has none would take no call. Where nothing asks for
// a secret, there may be none at all, but not one alone that ends.
bool has_lasting_secret(ScopedTransaction& transaction, const Resource& owner, const PostbackSecrets& secrets,
                        const std::string& id);

// After a secret was removed: throws 409 when that was the last one of those.
void require_lasting_secret(ScopedTransaction& transaction, const Resource& owner, const PostbackSecrets& secrets,
                            const std::string& id);

// For after_write: what tokens open, or signatures, has a secret from its first moment, shown this once.
void create_postback_secret(Write& write, StoreSecret token, StoreSecret hmac);

}  // namespace tributary::admin
