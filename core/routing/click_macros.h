#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/routing/router.h"
#include "core/time_zone/date_format.h"
#include "core/url/url_template.h"
#include "core/visitor/visitor.h"

namespace tributary::fbs {
struct UrlTemplate;
}

namespace tributary {

// What the macros of a destination or trafficback stand for in one click. Whatever costs work (place, agent) is asked
// of the visitor only where a template names it.
class ClickMacros final : public MacroSource {
 public:
  struct Ids {
    std::string_view click_id{};
    std::uint32_t campaign = 0;
    std::uint32_t stream = 0;
    std::uint32_t destination = 0;
    std::uint32_t source = 0;
    std::uint32_t lander = 0;
    std::string_view lander_click{};
  };

  // All views and references must outlive the rendering.
  ClickMacros(const Ids& ids, Visitor& visitor, std::uint64_t now_ms, RandomSource& random) noexcept
      : ids_(ids), visitor_(visitor), now_ms_(now_ms), random_(random) {}

  std::string_view value(Macro macro) noexcept override;
  std::string_view computed(const MacroCall& call) noexcept override;

 private:
  friend std::size_t render_url(const fbs::UrlTemplate& url, ClickMacros& macros, std::span<char> out) noexcept;

  std::string_view tracking_value(Macro macro) noexcept;
  std::string_view place_value(Macro macro) noexcept;
  std::string_view agent_value(Macro macro) noexcept;
  std::string_view address_text() noexcept;
  std::string_view cost_text(std::int64_t micros) noexcept;  // nothing for 0
  std::string_view number(std::uint64_t n) noexcept;         // nothing for 0

  const Ids& ids_;
  Visitor& visitor_;
  std::uint64_t now_ms_;
  RandomSource& random_;
  const fbs::UrlTemplate* url_ = nullptr;  // being rendered: its zones
  std::array<char, kMaxDateText> buffer_;
};

// As render_template: bytes written, or 0 when the URL does not fit.
std::size_t render_url(const fbs::UrlTemplate& url, ClickMacros& macros, std::span<char> out) noexcept;

}  // namespace tributary
