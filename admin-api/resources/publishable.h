#pragma once

#include "admin-api/resources/resource.h"

namespace tributary::admin {

// Builds what a change of one record publishes, inside the transaction of the change, as the pusher will build it
// afterwards. Throws ApiError 422 with field and reason for whatever the builder refuses: what is stored can be
// published.
void require_publishable(ScopedTransaction& transaction, const Resource& resource, const std::string& id);

}  // namespace tributary::admin
