#include "platform/postgres/params.h"

#include <string>

namespace tributary {

Params& Params::untyped(std::string_view value) {
  entries_.push_back({writer_.size(), 0, true});
  std::string terminated(value);
  terminated += '\0';  // libpq takes text parameters as C strings
  writer_.bytes(terminated);
  return *this;
}

}  // namespace tributary
