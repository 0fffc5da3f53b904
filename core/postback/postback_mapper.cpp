#include "core/postback/postback_mapper.h"

#include "core/base/ascii.h"
#include "core/base/utf8.h"
#include "core/money/money.h"
#include "core/postback/field.h"
#include "core/postback/postback_aliases.h"
#include "core/postback/postback_parameters.h"
#include "core/postback/status_words.h"
#include "core/request/click_call.h"
#include "core/request/unexpanded_macro.h"
#include "schema/snapshot_generated.h"

namespace tributary {
namespace {

constexpr std::size_t kFieldCount = static_cast<std::size_t>(PostbackField::custom_20) + 1;

std::string_view text_of(const flatbuffers::String* text) noexcept {
  return text == nullptr ? std::string_view{} : std::string_view{text->c_str(), text->size()};
}

// The value of each field. An unexpanded macro is remembered apart and gives way to any real value.
class FieldValues {
 public:
  FieldValues(PostbackParameters& parameters, const fbs::Network& network) noexcept {
    claim(parameters, network);
    take_mapped(parameters, network);
    take_aliases(parameters);
    take_constants(network);
  }

  std::string_view operator[](PostbackField field) const noexcept { return values_[index(field)]; }
  bool only_macro(PostbackField field) const noexcept {
    return values_[index(field)].empty() && !macros_[index(field)].empty();
  }
  std::string_view macro(PostbackField field) const noexcept { return macros_[index(field)]; }
  bool was_cut(PostbackField field) const noexcept { return cut_[index(field)]; }

 private:
  static std::size_t index(PostbackField field) noexcept {
    const auto number = static_cast<std::size_t>(field);
    return number < kFieldCount ? number : 0;
  }

  void put(PostbackField field, std::string_view value, bool cut = false) noexcept {
    const bool macro = is_unexpanded_macro(value);
    std::string_view& place = macro ? macros_[index(field)] : values_[index(field)];
    if (place.empty()) {
      place = value;
      if (!macro) cut_[index(field)] = cut;
    }
  }

  template <typename Visit>
  static void for_each_mapping(const fbs::Network& network, const Visit& visit) noexcept {
    if (network.parameters() == nullptr) {
      return;
    }
    for (const fbs::ParameterMapping* mapping : *network.parameters()) {
      visit(*mapping, static_cast<PostbackField>(mapping->field()));
    }
  }

  static void claim(PostbackParameters& parameters, const fbs::Network& network) noexcept {
    for_each_mapping(network, [&](const fbs::ParameterMapping& mapping, PostbackField) {
      for (const flatbuffers::String* name : *mapping.names()) {
        for (auto& parameter : parameters.all()) {
          parameter.claimed = parameter.claimed || ascii::equal_ignoring_case(parameter.name, text_of(name));
        }
      }
    });
  }

  void take_mapped(PostbackParameters& parameters, const fbs::Network& network) noexcept {
    for_each_mapping(network, [&](const fbs::ParameterMapping& mapping, PostbackField field) {
      for (const flatbuffers::String* name : *mapping.names()) {
        if (const auto* parameter = parameters.find(text_of(name))) {
          put(field, parameter->value, parameter->cut);
        }
      }
    });
  }

  void take_aliases(PostbackParameters& parameters) noexcept {
    for (const auto& parameter : parameters.all()) {
      const PostbackField field = parameter.claimed ? PostbackField::none : find_postback_alias(parameter.name);
      if (field != PostbackField::none) {
        put(field, parameter.value, parameter.cut);
      }
    }
  }

  void take_constants(const fbs::Network& network) noexcept {
    for_each_mapping(network, [&](const fbs::ParameterMapping& mapping, PostbackField field) {
      put(field, text_of(mapping.constant()));
    });
  }

  std::array<std::string_view, kFieldCount> values_;
  std::array<std::string_view, kFieldCount> macros_;
  std::array<bool, kFieldCount> cut_{};
};

ConversionStatus checked(std::uint8_t status) noexcept {
  return status <= static_cast<std::uint8_t>(ConversionStatus::custom) ? static_cast<ConversionStatus>(status)
                                                                       : ConversionStatus::unmapped;
}

ConversionStatus find_network_status(const fbs::Network& network, std::string_view word) noexcept {
  if (network.statuses() != nullptr) {
    for (const fbs::StatusMapping* mapping : *network.statuses()) {
      if (ascii::equal_ignoring_case(text_of(mapping->word()), word)) {
        return checked(mapping->status());
      }
    }
  }
  return ConversionStatus::unmapped;
}

bool list_contains(std::string_view list, std::string_view word) noexcept {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (ascii::equal_ignoring_case(ascii::trim(list.substr(0, comma)), word)) {
      return true;
    }
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

// Keitaro's way to map words in the URL itself: sale_status=approved,paid&lead_status=...
ConversionStatus find_listed_status(PostbackParameters& parameters, std::string_view word) noexcept {
  constexpr std::pair<std::string_view, ConversionStatus> kLists[] = {
      {"lead_status", ConversionStatus::lead},         {"sale_status", ConversionStatus::sale},
      {"rejected_status", ConversionStatus::rejected}, {"trash_status", ConversionStatus::trash},
      {"rebill_status", ConversionStatus::rebill},
  };
  for (const auto& [name, status] : kLists) {
    const auto* list = parameters.find(name);
    if (list != nullptr && list_contains(list->value, word)) {
      return status;
    }
  }
  return ConversionStatus::unmapped;
}

// Fills a Postback and keeps the first reason why it cannot count.
class PostbackMapper {
 public:
  PostbackMapper(PostbackParameters& parameters, const fbs::Network& network, bool external_clicks) noexcept
      : parameters_(parameters), network_(network), external_clicks_(external_clicks), values_(parameters, network) {}

  Postback map(const ClickIdKeyring& keys, std::uint64_t now_ms) noexcept {
    map_click(keys, now_ms);
    map_status();
    map_money(PostbackField::payout, postback_.payout_micros, postback_.payout_given);
    map_money(PostbackField::revenue, postback_.revenue_micros, postback_.revenue_given);
    bool cost_given = false;
    map_money(PostbackField::cost, postback_.cost_micros, cost_given);
    map_currency();
    postback_.transaction = identifier(PostbackField::transaction);
    postback_.event = identifier(PostbackField::event);
    for (unsigned n = 1; n <= kCustomFieldCount; ++n) {
      postback_.custom[n - 1] = values_[custom_field(n)];
    }
    if (postback_.verdict == PostbackVerdict::unknown) {
      postback_.verdict = PostbackVerdict::accepted;
    }
    return postback_;
  }

 private:
  void refuse(PostbackVerdict verdict) noexcept {
    if (postback_.verdict == PostbackVerdict::unknown) {
      postback_.verdict = verdict;
    }
  }

  // What conversions are told apart by has to be stored whole, or two of them would become one.
  std::string_view identifier(PostbackField field) noexcept {
    const std::string_view value = values_[field];
    if (values_.was_cut(field) || !is_clean_text(value)) {
      refuse(PostbackVerdict::bad_identifier);
    }
    return value;
  }

  void map_click(const ClickIdKeyring& keys, std::uint64_t now_ms) noexcept {
    postback_.click_text = values_[PostbackField::click_id];
    if (postback_.click_text.empty()) {
      postback_.click_text = values_.macro(PostbackField::click_id);
      return refuse(postback_.click_text.empty() ? PostbackVerdict::missing_click : PostbackVerdict::unexpanded_macro);
    }
    const auto click = verify_click_id(postback_.click_text, keys, now_ms);
    if (!click.ok()) {
      return external_clicks_ ? map_external_click() : refuse(verdict_of(click.error()));
    }
    postback_.click = *click;
    if (is_older_than_window(*click, now_ms)) {
      refuse(PostbackVerdict::expired_click);
    }
  }

  // What /click would not have taken is no click of it.
  void map_external_click() noexcept {
    if (values_.was_cut(PostbackField::click_id) || !is_clean_text(postback_.click_text)) {
      refuse(PostbackVerdict::malformed_click);
    }
  }

  static PostbackVerdict verdict_of(ClickIdError error) noexcept {
    switch (error) {
      case ClickIdError::malformed: return PostbackVerdict::malformed_click;
      case ClickIdError::expired: return PostbackVerdict::expired_click;
      case ClickIdError::unknown_key:
      case ClickIdError::forged: return PostbackVerdict::forged_click;
    }
    return PostbackVerdict::forged_click;
  }

  bool is_older_than_window(const ClickIdentity& click, std::uint64_t now_ms) const noexcept {
    const std::uint64_t window_ms = std::uint64_t{network_.click_window_s()} * 1000;
    return window_ms != 0 && unpack_click_id(click).time_ms + window_ms < now_ms;
  }

  void map_status() noexcept {
    postback_.raw_status = values_[PostbackField::status];
    if (values_.only_macro(PostbackField::status)) {
      postback_.raw_status = values_.macro(PostbackField::status);
      return refuse(PostbackVerdict::unexpanded_macro);
    }
    postback_.status =
        postback_.raw_status.empty() ? checked(network_.default_status()) : find_status(postback_.raw_status);
    if (postback_.status == ConversionStatus::unmapped) {
      refuse(PostbackVerdict::unknown_status);
    }
  }

  ConversionStatus find_status(std::string_view word) noexcept {
    ConversionStatus status = find_network_status(network_, word);
    if (status == ConversionStatus::unmapped) {
      status = find_listed_status(parameters_, word);
    }
    return status != ConversionStatus::unmapped ? status : find_status_word(word);
  }

  // A refund is told by its status; some networks write its amount with a minus sign, which is dropped.
  void map_money(PostbackField field, std::int64_t& micros, bool& given) noexcept {
    if (values_.only_macro(field)) {
      return refuse(PostbackVerdict::unexpanded_macro);
    }
    if (values_[field].empty()) {
      return;
    }
    const auto amount = parse_money(values_[field]);
    const bool takes_money_back =
        postback_.status == ConversionStatus::rejected || postback_.status == ConversionStatus::trash;
    if (!amount.ok() || (*amount < 0 && !takes_money_back)) {
      return refuse(PostbackVerdict::bad_money);
    }
    micros = *amount < 0 ? -*amount : *amount;
    given = true;
  }

  void map_currency() noexcept {
    const std::string_view named = values_[PostbackField::currency];
    postback_.currency = parse_currency(named.empty() ? text_of(network_.currency()) : named);
    if (!named.empty() && postback_.currency.empty()) {
      refuse(PostbackVerdict::bad_currency);
    }
  }

  PostbackParameters& parameters_;
  const fbs::Network& network_;
  const bool external_clicks_;
  const FieldValues values_;
  Postback postback_;
};

}  // namespace

Postback map_postback(std::span<const QueryParameter> query, const fbs::Network& network, const ClickIdKeyring& keys,
                      std::uint64_t now_ms, Arena& arena) noexcept {
  PostbackParameters parameters{query, arena};
  return PostbackMapper{parameters, network, false}.map(keys, now_ms);
}

Postback map_affiliate_postback(std::span<const QueryParameter> query, const fbs::Network& rules,
                                const ClickIdKeyring& keys, std::uint64_t now_ms, Arena& arena) noexcept {
  PostbackParameters parameters{query, arena, kMaxCallerClickId};
  return PostbackMapper{parameters, rules, true}.map(keys, now_ms);
}

bool names_external_click(const Postback& postback) noexcept {
  return counts_as_conversion(postback.verdict) && postback.affiliate != 0 && postback.click.empty();
}

}  // namespace tributary
