#pragma once

#include "core/url/macro.h"

// What a postback of ours may name beside the macros of the click. Their numbers go on where those of clicks cannot
// come; they never stand in a snapshot.
namespace tributary::conversion_macro {

inline constexpr auto kConversionId = static_cast<Macro>(256);
inline constexpr auto kStatus = static_cast<Macro>(257);
inline constexpr auto kRawStatus = static_cast<Macro>(258);
inline constexpr auto kPayout = static_cast<Macro>(259);
inline constexpr auto kRevenue = static_cast<Macro>(260);
inline constexpr auto kTransaction = static_cast<Macro>(261);
inline constexpr auto kEvent = static_cast<Macro>(262);
inline constexpr auto kTime = static_cast<Macro>(263);
inline constexpr auto kIdempotencyKey = static_cast<Macro>(264);
inline constexpr auto kPartnerId = static_cast<Macro>(265);

// Of the click too. Case-sensitive.
std::optional<Macro> find(std::string_view name) noexcept;
// The canonical name; empty for a number without a macro.
std::string_view name(Macro macro) noexcept;
// As similar_macro_name().
std::string_view similar(std::string_view name) noexcept;

}  // namespace tributary::conversion_macro
