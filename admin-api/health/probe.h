#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tributary::admin {

// What a check asks for.
struct Probe {
  std::string url;
  std::string host;  // with its port, in lower case: who has to bear the check
};

// The URL that remains of a template when every macro is empty. None for a template that is none.
std::optional<Probe> probe_url(std::string_view url_template);

}  // namespace tributary::admin
