#include "core/snapshot/build_rules.h"

namespace tributary {
namespace {

using FbsTexts = flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>>;

FbsTexts texts(flatbuffers::FlatBufferBuilder& out, const std::vector<std::string>& texts) {
  return texts.empty() ? 0 : out.CreateVectorOfStrings(texts);
}

FbsIndex index_of(flatbuffers::FlatBufferBuilder& out, const std::vector<std::string>& values) {
  if (values.empty()) {
    return 0;
  }
  SnapshotIndexBuilder index(values.size());
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    index.add(text_hash(values[i]), i + 1);
  }
  const auto& slots = index.slots();
  return out.CreateVectorOfStructs(reinterpret_cast<const fbs::IndexSlot*>(slots.data()), slots.size());
}

fbs::Uuid half_pair(WideNumber number) {
  return {static_cast<std::uint64_t>(number >> 64), static_cast<std::uint64_t>(number)};
}

}  // namespace

flatbuffers::Offset<fbs::Condition> write_condition(flatbuffers::FlatBufferBuilder& out,
                                                    const CompiledCondition& condition,
                                                    flatbuffers::Offset<fbs::Zone> zone) {
  std::vector<fbs::Range> ranges;
  for (const auto& range : condition.ranges) {
    ranges.emplace_back(range.first, range.last);
  }
  std::vector<fbs::WideRange> wide;
  for (const auto& range : condition.wide_ranges) {
    wide.emplace_back(half_pair(range.first), half_pair(range.last));
  }
  const auto argument = condition.argument.empty() ? 0 : out.CreateString(condition.argument);
  const auto values = texts(out, condition.values);
  const auto value_index = index_of(out, condition.values);
  const auto masks = texts(out, condition.masks);
  const auto regexes = texts(out, condition.regexes);
  const auto stored_ranges = ranges.empty() ? 0 : out.CreateVectorOfStructs(ranges);
  const auto stored_wide = wide.empty() ? 0 : out.CreateVectorOfStructs(wide);
  return fbs::CreateCondition(out, static_cast<std::uint8_t>(condition.kind), condition.negated, argument,
                              condition.number, condition.accepts_absent, values, value_index, masks, regexes,
                              stored_ranges, stored_wide, condition.bits, zone);
}

}  // namespace tributary
