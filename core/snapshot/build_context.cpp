#include "core/snapshot/build_context.h"

#include <utility>

#include "core/snapshot/format.h"
#include "core/snapshot/weighted_schedule.h"
#include "core/time_zone/zone_offsets.h"
#include "core/url/url_template.h"

namespace tributary {
namespace {

constexpr std::size_t kMaxProblems = 1000;  // a person reads them

}  // namespace

static_assert(sizeof(fbs::IndexSlot) == sizeof(SnapshotIndexSlot));

void BuildContext::problem(std::string entity, std::string_view field, std::string reason) {
  if (problems_.size() < kMaxProblems) {
    problems_.push_back({std::move(entity), std::string(field), std::move(reason)});
  }
}

flatbuffers::Offset<flatbuffers::String> BuildContext::text(std::string_view text) {
  auto& offset = texts_[text];
  if (offset.IsNull()) {
    offset = out.CreateString(text.data(), text.size());
  }
  return offset;
}

flatbuffers::Offset<flatbuffers::Vector<std::uint16_t>> BuildContext::schedule(
    const std::vector<std::uint32_t>& weights) {
  auto& offset = schedules_[weights];
  if (offset.IsNull()) {
    offset = out.CreateVector(weighted_schedule(weights));
  }
  return offset;
}

flatbuffers::Offset<fbs::Zone> BuildContext::zone(std::string_view name) {
  if (name.empty() || name == "UTC") {
    return 0;
  }
  if (const auto known = zones_.find(name); known != zones_.end()) {
    return known->second;
  }
  const auto made_s = static_cast<std::int64_t>(input.created_ms / 1000);
  const auto offsets = zone_offsets(name, made_s - kZonePast_s, made_s + kZoneFuture_s);
  if (!offsets) {
    return 0;
  }
  std::vector<fbs::ZoneOffset> stored;
  for (const ZoneOffset& offset : *offsets) {
    stored.emplace_back(offset.since_s, offset.offset_s);
  }
  const auto zone = fbs::CreateZone(out, text(name), out.CreateVectorOfStructs(stored));
  zones_.emplace(name, zone);
  return zone;
}

flatbuffers::Offset<fbs::UrlTemplate> BuildContext::compile(std::string_view source, std::string& reason) {
  if (source.empty()) {
    return 0;
  }
  if (const auto known = templates_.find(source); known != templates_.end()) {
    return known->second;
  }
  const auto compiled = compile_template(source);
  if (!compiled) {
    reason = compiled.error().reason + " (at byte " + std::to_string(compiled.error().offset) + ")";
    return 0;
  }
  const auto parts = template_parts(compiled->parts);
  const auto text = out.CreateString(compiled->text);
  std::vector<flatbuffers::Offset<fbs::Zone>> zones;
  for (const std::string& name : compiled->zones) {
    zones.push_back(zone(name));
  }
  const auto offset = fbs::CreateUrlTemplate(out, text, parts, zones.empty() ? 0 : out.CreateVector(zones));
  templates_.emplace(source, offset);
  return offset;
}

// URLs of one shape (the same host and parameters, an id as long) have the same parts: most do.
BuildContext::FbsParts BuildContext::template_parts(const std::vector<TemplatePart>& parts) {
  std::vector<fbs::TemplatePart> stored;
  stored.reserve(parts.size());
  for (const TemplatePart& part : parts) {
    stored.emplace_back(part.macro, part.modifiers, part.offset, part.length);
  }
  std::string key(reinterpret_cast<const char*>(stored.data()), stored.size() * sizeof(fbs::TemplatePart));
  auto& offset = template_parts_[std::move(key)];
  if (offset.IsNull()) {
    offset = out.CreateVectorOfStructs(stored);
  }
  return offset;
}

FbsIndex BuildContext::index(const SnapshotIndexBuilder& builder) {
  const auto& slots = builder.slots();
  return out.CreateVectorOfStructs(reinterpret_cast<const fbs::IndexSlot*>(slots.data()), slots.size());
}

}  // namespace tributary
