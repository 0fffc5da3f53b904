#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/request/query.h"

// Secrets never reach an event. What was one reads *** in what is stored.
namespace tributary {

// `uri` is the path and query as sent. Segments of the path that hold `path_secret` (when it is not empty) and the
// values of the parameters `token` and `secret` are replaced.
std::string redact_uri(std::string_view uri, std::string_view path_secret);

// The same for the parameters of a form body.
std::string redact_form(std::string_view form);

// The same for a JSON body that was read into `parameters`: the body as it came when it holds no secret, else written
// anew with its values as text.
std::string redact_json(std::string_view body, std::span<const QueryParameter> parameters);

// Parameters that are decoded, as a JSON object of texts; secrets are replaced.
std::string flat_json(std::span<const QueryParameter> parameters);

// Of a body that cannot be read, and so not be redacted: {"unreadable":problem,"bytes":size,"sha256":hex}.
std::string describe_unreadable(std::string_view body, std::string_view problem);

// Whether a parameter of this name, decoded, holds a secret.
bool is_secret_name(std::string_view name) noexcept;

}  // namespace tributary
