#include "core/postback/postback_parameters.h"

#include "core/base/ascii.h"
#include "core/base/utf8.h"

namespace tributary {
namespace {

// What an HTML parser makes of "&currency=", in UTF-8.
constexpr std::string_view kDamagedCurrency =
    "\xc2\xa4"
    "cy=";

std::string_view decoded(std::string_view text, Arena& arena) noexcept {
  const std::span<char> room = arena.rest();
  const std::string_view result = decode_component(text, room);
  if (result.data() == room.data()) {
    arena.take(result.size());
  }
  return result;
}

}  // namespace

PostbackParameters::PostbackParameters(std::span<const QueryParameter> query, Arena& arena,
                                       std::size_t max_value) noexcept
    : max_value_(max_value) {
  for (const QueryParameter& parameter : query) {
    if (parameter.decoded) {
      add_repaired(parameter.name, parameter.value);
    } else {
      add_repaired(decoded(parameter.name, arena), decoded(parameter.value, arena));
    }
  }
}

PostbackParameters::Parameter* PostbackParameters::find(std::string_view name) noexcept {
  for (Parameter& parameter : all()) {
    if (ascii::equal_ignoring_case(parameter.name, name)) {
      return &parameter;
    }
  }
  return nullptr;
}

void PostbackParameters::add(std::string_view name, std::string_view value) noexcept {
  const std::string_view whole = ascii::trim(value);
  const std::string_view kept = cut_between_characters(whole, max_value_);
  if (!kept.empty() && count_ < parameters_.size()) {
    parameters_[count_++] = {name, kept, kept.size() < whole.size()};
  }
}

void PostbackParameters::add_repaired(std::string_view name, std::string_view value) noexcept {
  const std::size_t damage = value.find(kDamagedCurrency);
  add(name, value.substr(0, damage));
  if (damage != std::string_view::npos) {
    add("currency", value.substr(damage + kDamagedCurrency.size()));
  }
}

}  // namespace tributary
