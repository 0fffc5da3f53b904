#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin-api/resources/resource.h"

// The SQL of a resource, built from its description. Names come from descriptions only, values are always parameters.
// Every statement is limited to the team of the caller; row security in PostgreSQL says the same once more.
namespace tributary::admin {

struct Row {
  std::string id;
  std::int64_t version = 0;
  std::string json;
};

struct Page {
  std::vector<Row> rows;
  bool more = false;
};

struct PageRequest {
  std::string after;  // id of the last row of the page before; empty: the first page
  int limit = 100;
  std::vector<ColumnValue> filters;
};

class Repository {
 public:
  // The resource must outlive the repository.
  Repository(const Resource& resource, ScopedTransaction& transaction, const Principal& principal)
      : resource_(resource), transaction_(transaction), principal_(principal) {}

  std::optional<Row> find(const std::string& id, bool lock = false);
  Page list(const PageRequest& request);
  std::string insert(const std::vector<ColumnValue>& columns);
  void update(const std::string& id, const std::vector<ColumnValue>& columns);
  void remove(const std::string& id);

 private:
  std::string select_list() const;
  std::string visible() const;  // the condition on row t; takes parameter $1
  Params team_parameter() const;
  std::string id_type() const { return resource_.uuid_id ? "uuid" : "integer"; }

  const Resource& resource_;
  ScopedTransaction& transaction_;
  const Principal& principal_;
};

}  // namespace tributary::admin
