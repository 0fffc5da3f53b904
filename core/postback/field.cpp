#include "core/postback/field.h"

#include <array>

#include "core/base/word_table.h"

namespace tributary {
namespace {

constexpr WordEntry<PostbackField> kWords[] = {
    {"click_id", PostbackField::click_id}, {"transaction", PostbackField::transaction},
    {"status", PostbackField::status},     {"payout", PostbackField::payout},
    {"revenue", PostbackField::revenue},   {"cost", PostbackField::cost},
    {"currency", PostbackField::currency}, {"event", PostbackField::event},
    {"custom_1", custom_field(1)},         {"custom_2", custom_field(2)},
    {"custom_3", custom_field(3)},         {"custom_4", custom_field(4)},
    {"custom_5", custom_field(5)},         {"custom_6", custom_field(6)},
    {"custom_7", custom_field(7)},         {"custom_8", custom_field(8)},
    {"custom_9", custom_field(9)},         {"custom_10", custom_field(10)},
    {"custom_11", custom_field(11)},       {"custom_12", custom_field(12)},
    {"custom_13", custom_field(13)},       {"custom_14", custom_field(14)},
    {"custom_15", custom_field(15)},       {"custom_16", custom_field(16)},
    {"custom_17", custom_field(17)},       {"custom_18", custom_field(18)},
    {"custom_19", custom_field(19)},       {"custom_20", custom_field(20)},
};
constexpr WordTable<PostbackField, std::size(kWords), WordCase::exact> kFields{kWords};

}  // namespace

PostbackField find_postback_field(std::string_view name) noexcept {
  const auto* entry = kFields.find(name);
  return entry != nullptr ? entry->value : PostbackField::none;
}

std::string_view postback_field_name(PostbackField field) noexcept {
  for (const auto& entry : kFields.entries()) {
    if (entry.value == field) {
      return entry.word;
    }
  }
  return {};
}

}  // namespace tributary
