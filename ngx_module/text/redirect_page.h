#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tributary {

// How a visitor gets to a URL without a status of HTTP.
enum class RedirectPage : std::uint8_t {
  meta,           // <meta http-equiv="refresh">
  javascript,     // location.replace(), with a meta refresh where scripts are off
  hide_referrer,  // a meta refresh whose request carries no referrer
  json,           // the decision as JSON, for a server that asks on behalf of a visitor
};

// The decision that a page or answer tells. `url` is a rendered one: no control bytes, nothing outside ASCII.
struct PageValues {
  std::string_view url{};
  std::string_view click_id{};
  std::string_view reason{};
  std::uint32_t campaign = 0;
  std::uint32_t stream = 0;
  std::uint32_t destination = 0;
};

std::string_view page_type(RedirectPage page) noexcept;

// The size of the page; written to `out` unless that is nullptr. Whatever the URL holds, it cannot leave the attribute
// or the string that it stands in.
std::size_t write_page(RedirectPage page, const PageValues& values, char* out) noexcept;

}  // namespace tributary
