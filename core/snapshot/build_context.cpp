#include "core/snapshot/build_context.h"

#include <utility>

#include "core/routing/weighted_schedule.h"
#include "core/snapshot/format.h"
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
  std::vector<fbs::TemplatePart> parts;
  parts.reserve(compiled->parts.size());
  for (const TemplatePart& part : compiled->parts) {
    parts.emplace_back(part.macro, part.modifiers, part.offset, part.length);
  }
  const auto text = out.CreateString(compiled->text);
  const auto offset = fbs::CreateUrlTemplate(out, text, out.CreateVectorOfStructs(parts));
  templates_.emplace(source, offset);
  return offset;
}

FbsIndex BuildContext::index(const SnapshotIndexBuilder& builder) {
  const auto& slots = builder.slots();
  return out.CreateVectorOfStructs(reinterpret_cast<const fbs::IndexSlot*>(slots.data()), slots.size());
}

}  // namespace tributary
