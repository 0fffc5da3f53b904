#pragma once

#include <memory>

#include "admin-api/resources/resource.h"

namespace tributary::admin {

// GET list, POST, GET, PATCH, DELETE of a resource below `prefix`. Where the prefix holds a variable (campaigns/{id}),
// it is the value of `parent_column`.
struct CrudOptions {
  std::string prefix = "/api/v1/";
  std::string parent_column;                      // nested: /api/v1/campaigns/{id}/streams lists and creates only
  std::optional<Resource> parent = std::nullopt;  // whose record {id} is
};
void add_crud_routes(Routes& routes, const Resource& resource, const CrudOptions& options = {});

// One record as its GET answers it, with its ETag.
http::Response record_response(const std::string& record, std::int64_t version, int status = 200);

// Checks If-Match against the version of the record: 428 when absent, 412 when it has changed.
void require_match(const Context& context, std::int64_t version);

}  // namespace tributary::admin
