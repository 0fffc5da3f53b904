#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace tributary {

struct JsonBody {
  std::string form;      // the members as a form, percent-encoded, in their order
  std::string redacted;  // the body as it may be stored
};

// A flat JSON object as the parameters of a postback. Numbers keep their digits, true and false become 1 and 0, null is
// absent. Fails, with the reason, on anything else: nested values, no object, bad syntax.
Result<JsonBody, std::string> read_json_parameters(std::string_view body);

}  // namespace tributary
