#include "ngx_module/text/config_answer.h"

#include "core/snapshot/format.h"
#include "ngx_module/text/json.h"

namespace tributary {
namespace {

std::string_view result_name(SnapshotStore::Outcome outcome) {
  switch (outcome) {
    case SnapshotStore::Outcome::published: return "published";
    case SnapshotStore::Outcome::already_current: return "already_current";
    case SnapshotStore::Outcome::older: return "older";
    case SnapshotStore::Outcome::busy: return "busy";
    default: return "refused";
  }
}

}  // namespace

std::string refused_answer(std::string_view reason) {
  JsonWriter json;
  return json.begin_object().text("result", "refused").text("reason", reason).end_object().take();
}

std::string published_answer(const SnapshotStore::PublishResult& result) {
  JsonWriter json;
  json.begin_object().text("result", result_name(result.outcome));
  json.number("epoch", result.current.epoch).number("counter", result.current.counter);
  if (!result.message.empty()) json.text("note", result.message);
  return json.end_object().take();
}

std::string acknowledgement_answer(std::string_view edge, std::uint64_t number, Generation published,
                                   std::uint64_t created_ms, Generation overlay, const CapReport& caps,
                                   std::span<const LiveSlot> slots) {
  JsonWriter json;
  json.begin_object().text("edge", edge).number("number", number);
  json.key("formats").begin_object().number("min", kMinSnapshotFormat).number("max", kMaxSnapshotFormat).end_object();
  json.number("epoch", published.epoch).number("counter", published.counter).number("created_ms", created_ms);
  json.key("overlay").begin_object().number("epoch", overlay.epoch).number("counter", overlay.counter).end_object();
  write_caps(json, caps);
  bool acknowledged = published.counter != 0 && !slots.empty();
  json.key("workers").begin_array();
  for (const LiveSlot& slot : slots) {
    const Generation serves = unpack_generation(slot.generation);
    acknowledged = acknowledged && serves >= published;
    json.begin_object().number("slot", slot.number).number("pid", slot.pid);
    json.number("epoch", serves.epoch).number("counter", serves.counter).end_object();
  }
  return json.end_array().boolean("acknowledged", acknowledged).end_object().take();
}

}  // namespace tributary
