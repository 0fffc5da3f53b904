#include "core/request/click_call.h"

#include <charconv>

#include "core/base/utf8.h"
#include "core/click_id/click_id.h"
#include "core/request/unexpanded_macro.h"

namespace tributary {
namespace {

constexpr std::uint32_t kMaxAffiliate = 0x7fff'ffff;

const QueryParameter* find(std::span<const QueryParameter> query, std::string_view name) noexcept {
  for (const QueryParameter& parameter : query) {
    if (parameter.name == name) {
      return &parameter;
    }
  }
  return nullptr;
}

// 0 when it is not a number from 1 to `most`.
std::uint32_t read_id(const QueryParameter* parameter, std::uint32_t most) noexcept {
  if (parameter == nullptr) {
    return 0;
  }
  const char* end = parameter->value.data() + parameter->value.size();
  std::uint32_t id = 0;
  const auto read = std::from_chars(parameter->value.data(), end, id);
  return read.ec == std::errc() && read.ptr == end && id <= most ? id : 0;
}

std::string_view problem_of(const QueryParameter& parameter, std::string_view click_id) noexcept {
  if (parameter.value.size() > 3 * kMaxCallerClickId || click_id.empty() || click_id.size() > kMaxCallerClickId) {
    return "click_id must have 1 to 1024 bytes";
  }
  if (!is_clean_text(click_id)) {
    return "click_id must be text in UTF-8 without NUL";
  }
  return is_unexpanded_macro(click_id) ? "click_id is a macro that was not filled in" : "";
}

}  // namespace

std::uint32_t read_affiliate_id(std::span<const QueryParameter> query) noexcept {
  return read_id(find(query, "affiliate_id"), kMaxAffiliate);
}

ClickCallNames read_click_call(std::span<const QueryParameter> query, std::span<char> buffer) noexcept {
  ClickCallNames call;
  call.affiliate = read_affiliate_id(query);
  if (call.affiliate == 0) {
    call.problem = "affiliate_id must be a whole number";
    return call;
  }
  call.campaign = read_id(find(query, "campaign_id"), kMaxCampaignId);
  if (call.campaign == 0) {
    call.problem = "campaign_id must be a whole number";
    return call;
  }
  const QueryParameter* click_id = find(query, "click_id");
  if (click_id == nullptr) {
    call.problem = "click_id is missing";
    return call;
  }
  call.click_id = click_id->decoded ? click_id->value : decode_component(click_id->value, buffer);
  call.problem = problem_of(*click_id, call.click_id);
  return call;
}

}  // namespace tributary
