#pragma once

#include <functional>
#include <optional>
#include <string>

#include "admin-api/api/context.h"

namespace tributary::admin {

struct AuditEntry {
  std::string action;                      // create, update, delete, login, ...
  std::string entity;                      // campaign
  std::string key;                         // its id
  std::optional<std::string> old_content;  // JSON without secrets
  std::optional<std::string> new_content;
};

// Appends who did what to the audit log, in the transaction of the change.
void write_audit(ScopedTransaction& transaction, const Context& context, const AuditEntry& entry);

// What a change answers. `stored` replaces the answer when the same request is repeated: it lacks what is shown once.
struct Change {
  http::Response response;
  std::optional<std::string> stored_body;
};

// Runs one change: one transaction, committed at the end, with Idempotency-Key on POST, and the pusher told. A repeat
// of a POST with the same key answers what was answered before and changes nothing; with another body it is refused.
http::Response mutate(Context& context, const std::function<Change(ScopedTransaction&)>& change);

}  // namespace tributary::admin
