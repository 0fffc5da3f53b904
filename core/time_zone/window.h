#pragma once

#include <cstdint>

namespace tributary::fbs {
struct Zone;
enum class Period : std::uint8_t;
}  // namespace tributary::fbs

namespace tributary {

// Numbers the hours, days, weeks (from Monday) and months of a zone, so that a counter is of the present period when
// its number is this one. Never goes back while time goes on. Hours are real ones: the hour that a change of the clock
// repeats is a new one. `total` is one period without end, number 0. zone: nullptr is UTC.
std::uint32_t window_of(std::uint64_t now_ms, fbs::Period period, const fbs::Zone* zone) noexcept;

// A time when the window with this number is over in every zone, seconds since 1970; UINT64_MAX for `total`.
std::uint64_t window_end_s(std::uint32_t window, fbs::Period period) noexcept;

}  // namespace tributary
