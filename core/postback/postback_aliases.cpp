#include "core/postback/postback_aliases.h"

#include "core/base/word_table.h"
#include "core/event/event.h"

namespace tributary {
namespace {

constexpr WordEntry<PostbackField> kWords[] = {
    {"click_id", PostbackField::click_id},
    {"clickid", PostbackField::click_id},
    {"click-id", PostbackField::click_id},
    {"click", PostbackField::click_id},
    {"subid", PostbackField::click_id},
    {"sub_id", PostbackField::click_id},
    {"cid", PostbackField::click_id},
    {"cnv_id", PostbackField::click_id},
    {"clickref", PostbackField::click_id},
    {"evclid", PostbackField::click_id},
    {"aff_click_id", PostbackField::click_id},
    {"aff_sub", PostbackField::click_id},
    {"transaction", PostbackField::transaction},
    {"transaction_id", PostbackField::transaction},
    {"transactionid", PostbackField::transaction},
    {"txid", PostbackField::transaction},
    {"txn_id", PostbackField::transaction},
    {"tid", PostbackField::transaction},
    {"trans_id", PostbackField::transaction},
    {"order_id", PostbackField::transaction},
    {"orderid", PostbackField::transaction},
    {"action_id", PostbackField::transaction},
    {"actionid", PostbackField::transaction},
    {"lead_id", PostbackField::transaction},
    {"leadid", PostbackField::transaction},
    {"rdtk_event_id", PostbackField::transaction},
    {"status", PostbackField::status},
    {"cnv_status", PostbackField::status},
    {"conv_status", PostbackField::status},
    {"conversion_status", PostbackField::status},
    {"payment_status", PostbackField::status},
    {"stage", PostbackField::status},
    {"payout", PostbackField::payout},
    {"payout_amount", PostbackField::payout},
    {"cnv_payout", PostbackField::payout},
    {"amount", PostbackField::payout},
    {"sum", PostbackField::payout},
    {"money", PostbackField::payout},
    {"commission", PostbackField::payout},
    {"payment_sum", PostbackField::payout},
    {"affiliate_earnings", PostbackField::payout},
    {"revenue", PostbackField::revenue},
    {"sale_amount", PostbackField::revenue},
    {"order_amount", PostbackField::revenue},
    {"order_sum", PostbackField::revenue},
    {"cost", PostbackField::cost},
    {"currency", PostbackField::currency},
    {"cnv_currency", PostbackField::currency},
    {"currency_code", PostbackField::currency},
    {"event", PostbackField::event},
    {"event_type", PostbackField::event},
    {"event_name", PostbackField::event},
    {"event_id", PostbackField::event},
    {"et", PostbackField::event},
    {"cet", PostbackField::event},
    {"type", PostbackField::event},
    {"goal", PostbackField::event},
    {"goal_id", PostbackField::event},
};
constexpr WordTable kAliases{kWords};

constexpr WordEntry<bool> kNumbered[] = {
    {"custom", true},
    {"custom_field", true},
    {"param", true},
    {"adv", true},
};
constexpr WordTable kCustomFamilies{kNumbered};

// "custom_3", "custom_field3", "param3", "adv3"
PostbackField numbered_custom_field(std::string_view name) noexcept {
  const std::size_t last = name.find_last_not_of("0123456789");
  if (last == std::string_view::npos || name.size() - last > 3 || name[last + 1] == '0') {
    return PostbackField::none;
  }
  unsigned number = 0;
  for (const char c : name.substr(last + 1)) {
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  name = name.substr(0, last + 1);
  if (name.ends_with('_')) {
    name.remove_suffix(1);
  }
  const bool known = number >= 1 && number <= kCustomFieldCount && kCustomFamilies.find(name) != nullptr;
  return known ? custom_field(number) : PostbackField::none;
}

}  // namespace

PostbackField find_postback_alias(std::string_view name) noexcept {
  if (name.empty()) {
    return PostbackField::none;
  }
  if (ascii::is_digit(name.back())) {
    return numbered_custom_field(name);
  }
  const auto* entry = kAliases.find(name);
  return entry != nullptr ? entry->value : PostbackField::none;
}

}  // namespace tributary
