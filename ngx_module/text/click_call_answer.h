#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// The JSON that callers of /click get.
namespace tributary {

inline constexpr std::string_view kOnlyGetAnswer = R"({"success":false,"status":"error","message":"Use GET"})";

// 2023-08-23T15:30:45.123Z
std::string utc_text(std::uint64_t time_ms);

std::string click_tracked_answer(std::uint32_t affiliate, std::uint32_t campaign, std::string_view click_id,
                                 std::uint64_t time_ms);
std::string click_refused_answer(std::string_view message);

}  // namespace tributary
