#pragma once

#include "admin-api/api/context.h"

namespace tributary::admin {

// Finds out who asks: `Authorization: Bearer` with an access token or an API key, `X-API-KEY` or `Api-Key` with an API
// key. The user's role, team and state are read from the database on every request, so that blocking somebody works at
// once. Throws ApiError 401.
Principal authenticate(const Context& context);

}  // namespace tributary::admin
