#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/event/event.h"
#include "core/url/url_template.h"

namespace tributary {

// What the macros of a destination URL stand for in one click.
class ClickValues final : public MacroSource {
 public:
  struct Ids {
    std::string_view click_id;
    std::uint32_t campaign = 0;
    std::uint32_t stream = 0;
    std::uint32_t destination = 0;
    std::uint32_t source = 0;
  };

  // All views and references must outlive the rendering.
  ClickValues(const Ids& ids, const Visit& visit, const Tracking& tracking, std::string_view address_text,
              std::uint64_t now_ms) noexcept
      : ids_(ids), visit_(visit), tracking_(tracking), address_text_(address_text), now_ms_(now_ms) {}

  std::string_view value(Macro macro) noexcept override;

 private:
  std::string_view number(std::uint64_t n) noexcept;  // nothing for 0

  const Ids& ids_;
  const Visit& visit_;
  const Tracking& tracking_;
  std::string_view address_text_;
  std::uint64_t now_ms_;
  std::array<char, 32> buffer_;
};

}  // namespace tributary
