#pragma once

#include <optional>
#include <string>

#include "admin-api/db/scoped_transaction.h"

// Refresh tokens: opaque, single use, only their hash is stored. All tokens that follow from one login form a family; a
// token that is used twice was stolen from somebody, so its whole family ends.
namespace tributary::admin {

struct Session {
  std::string user;
  std::string family;
  std::string refresh_token;  // for the client; stored nowhere
};

struct ClientInfo {
  std::string address;
  std::string user_agent;
};

Session begin_session(ScopedTransaction& transaction, const std::string& user, std::int64_t lifetime_s,
                      const ClientInfo& client);

enum class RotateOutcome { rotated, unknown, reused };
struct Rotation {
  RotateOutcome outcome = RotateOutcome::unknown;
  Session session;
};
// Exchanges a token for the next one of its family. After `reused` the caller must commit: the family is revoked.
Rotation rotate_session(ScopedTransaction& transaction, const std::string& refresh_token, std::int64_t lifetime_s,
                        const ClientInfo& client);

void end_family(ScopedTransaction& transaction, const std::string& family);
// The family of a token, whatever its state.
std::optional<std::string> family_of(ScopedTransaction& transaction, const std::string& refresh_token);

}  // namespace tributary::admin
