#include "core/snapshot/build_sources.h"

#include <algorithm>
#include <map>

#include "core/base/ascii.h"
#include "core/base/plain_text.h"
#include "core/money/money.h"
#include "core/request/source_names.h"
#include "core/snapshot/format.h"

namespace tributary {

SourcesBuilder::SourcesBuilder(BuildContext& context) : context_(context) {
  for (const model::Source& source : context.input.sources) {
    const bool says = !source.names.empty() || !source.currency.empty();
    if (says && !known_.emplace(source.id, &source).second) {
      context.problem("source " + std::to_string(source.id), "id", "is used by two sources");
    }
  }
}

flatbuffers::Offset<fbs::Source> SourcesBuilder::write(std::uint32_t id) {
  const auto known = known_.find(id);
  if (known == known_.end()) {
    return 0;
  }
  auto& offset = written_[id];
  if (offset.IsNull()) {
    offset = write(*known->second);
  }
  return offset;
}

flatbuffers::Offset<fbs::Source> SourcesBuilder::write(const model::Source& source) {
  const auto problem = [&](std::string reason) {
    context_.problem("source " + std::to_string(source.id), "aliases", std::move(reason));
  };
  std::map<std::string, Macro> sorted;
  for (const model::Source::Name& item : source.names) {
    std::string name = item.name;
    std::transform(name.begin(), name.end(), name.begin(), ascii::to_lower);
    if (name.empty() || !is_plain_text(name, kMaxSourceName)) {
      problem("a name is empty, too long or has control characters");
    }
    if (tracking_target(item.field).name == TrackingName::none) {
      problem("\"" + name + "\" stands for something that is no field of a click");
    }
    if (!sorted.emplace(name, item.field).second) {
      problem("\"" + name + "\" has two meanings");
    }
  }
  if (sorted.size() > kMaxSourceNames) {
    problem("are more than " + std::to_string(kMaxSourceNames));
  }
  if (!source.currency.empty() && parse_currency(source.currency) != std::string_view(source.currency)) {
    context_.problem("source " + std::to_string(source.id), "currency",
                     "\"" + source.currency + "\" is not an ISO 4217 code in capitals");
  }
  std::vector<flatbuffers::Offset<fbs::SourceName>> names;
  for (const auto& [name, field] : sorted) {
    names.push_back(
        fbs::CreateSourceName(context_.out, context_.out.CreateString(name), static_cast<std::uint16_t>(field)));
  }
  const auto currency = source.currency.empty() ? 0 : context_.text(source.currency);
  return fbs::CreateSource(context_.out, context_.out.CreateVector(names), currency);
}

}  // namespace tributary
