#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "admin-api/api/context.h"
#include "admin-api/conversions/judge.h"

namespace tributary::admin {

// Which quarantined calls of the team are judged again: by their numbers, or by network, affiliate, verdict and period.
struct RedriveSelection {
  std::vector<std::int64_t> ids;
  std::int64_t network = 0;
  std::int64_t affiliate = 0;
  int verdict = 0;  // 0: any
  std::string from, to;
  int limit = 0;
  bool dry_run = false;
};

// Throws ApiError 422 with the field.
RedriveSelection read_redrive_selection(const boost::json::object& body);

// A quarantined call that was not redriven yet, and where its row is.
struct SelectedCall : QuarantinedCall {
  std::int64_t journal = 0;
  std::int64_t position = 0;
  std::string team;
  std::string received_at;
};

// The oldest first; one more than the limit when there are more.
std::vector<SelectedCall> select_calls(ScopedTransaction& transaction, const Context& context,
                                       const RedriveSelection& selection);

}  // namespace tributary::admin
