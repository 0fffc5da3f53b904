#pragma once

#include <string>
#include <string_view>

#include "core/event/event.h"

// The JSON that networks get.
namespace tributary {

inline constexpr std::string_view kNotFoundAnswer = R"({"success":false,"status":"error","message":"Not found"})";
inline constexpr std::string_view kTryAgainAnswer = R"({"success":false,"status":"error","message":"Try again later"})";
inline constexpr std::string_view kTooLargeAnswer = R"({"success":false,"status":"error","message":"Body too large"})";
inline constexpr std::string_view kMethodAnswer = R"({"success":false,"status":"error","message":"Use GET or POST"})";

// To a call that was accepted, remembered as a repeat, or quarantined; `postback.verdict` decides.
std::string postback_answer(const Postback& postback);

}  // namespace tributary
