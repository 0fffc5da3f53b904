#include <cstdlib>
#include <vector>

#include "core/event/event.h"

using namespace tributary;

namespace {

bool inside(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

// What was decoded can be encoded again, and that is stable.
template <typename Payload>
void check_again(const EventHeader& header, const Payload& payload) {
  std::vector<char> once(max_event_size(header, payload));
  once.resize(encode_event(header, payload, once.data()));
  const auto event = decode_event(once);
  require(event.ok() && std::holds_alternative<Payload>(event->payload));
  require(event->header == header && std::get<Payload>(event->payload) == payload);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const char> bytes{reinterpret_cast<const char*>(data), size};
  const auto event = decode_event(bytes);
  if (!event.ok()) {
    return 0;
  }
  const std::string_view whole{bytes.data(), bytes.size()};
  if (const auto* click = std::get_if<Click>(&event->payload)) {
    require(inside(click->visit.user_agent, whole) && inside(click->tracking.sub_ids[0], whole) &&
            inside(click->visit.headers, whole));
    check_again(event->header, *click);
  } else if (const auto* trafficback = std::get_if<Trafficback>(&event->payload)) {
    check_again(event->header, *trafficback);
  } else if (const auto* postback = std::get_if<Postback>(&event->payload)) {
    require(inside(postback->body, whole) && inside(postback->custom[0], whole));
    check_again(event->header, *postback);
  } else if (const auto* lander_click = std::get_if<LanderClick>(&event->payload)) {
    require(inside(lander_click->visit.query, whole) && inside(lander_click->tracking.sub_ids[0], whole));
    check_again(event->header, *lander_click);
  } else if (const auto* customer_event = std::get_if<CustomerEvent>(&event->payload)) {
    require(inside(customer_event->properties, whole) && inside(customer_event->customer_key, whole));
    check_again(event->header, *customer_event);
  }
  return 0;
}
