#include <cstdlib>
#include <vector>

#include "core/customer_event/event_body.h"
#include "core/customer_event/event_signature.h"

using namespace tributary;

namespace {

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

void read(std::string_view body, const EventBodyRules& rules) {
  std::vector<char> memory(body.size());
  Arena arena{memory};
  std::vector<ParsedEvent> out(8);
  const auto count = parse_event_body(body, rules, out, arena);
  if (!count) {
    require(count.error().offset <= body.size());
    return;
  }
  require(*count > 0 && *count <= out.size());
  for (const ParsedEvent& parsed : std::span(out).first(*count)) {
    require(!event_problem_name(parsed.problem).empty());
    if (parsed.problem == EventProblem::none) {
      require(parsed.event.action != CustomerAction::unknown && parsed.event.value_micros >= 0);
      require(parsed.event.properties.empty() || parsed.event.properties.front() == '{');
    }
  }
}

}  // namespace

// The arena has exactly the size of the body: nothing that is kept may be longer than it came.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<char> copy(data, data + size);
  const std::string_view body(copy.data(), copy.size());
  read(body, {});
  read(body, {.lines = true, .action = CustomerAction::purchase});
  if (const auto signature = parse_event_signature(body)) {
    require(signature->count > 0 && signature->count <= kMaxSignatures);
  }
  return 0;
}
