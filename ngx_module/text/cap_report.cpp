#include "ngx_module/text/cap_report.h"

#include <array>
#include <cstdio>

#include "ngx_module/text/json.h"

namespace tributary {

CapReport cap_report(const CapTable& caps) noexcept {
  return {caps.known(), caps.life(), caps.slots()};
}

void write_caps(JsonWriter& json, const CapReport& caps) {
  std::array<char, 17> life;  // as a text: no reader of JSON may round it
  std::snprintf(life.data(), life.size(), "%016llx", static_cast<unsigned long long>(caps.life));
  json.key("caps").begin_object().boolean("known", caps.known).text("life", life.data());
  json.number("slots", caps.slots).end_object();
}

}  // namespace tributary
