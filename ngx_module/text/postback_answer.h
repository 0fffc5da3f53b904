#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/event/event.h"

// What networks and affiliates get.
namespace tributary {

inline constexpr std::string_view kNotFoundAnswer = R"({"success":false,"status":"error","message":"Not found"})";
inline constexpr std::string_view kTryAgainAnswer = R"({"success":false,"status":"error","message":"Try again later"})";
inline constexpr std::string_view kUnreadableAnswer =
    R"({"success":false,"status":"error","message":"Unreadable body"})";
inline constexpr std::string_view kTooLargeAnswer = R"({"success":false,"status":"error","message":"Body too large"})";
inline constexpr std::string_view kMethodAnswer = R"({"success":false,"status":"error","message":"Use GET or POST"})";

// Numbers are those of the snapshot.
enum class PostbackAnswerKind : std::uint8_t {
  merged = 0,  // the keys of `data` and `status` together
  status = 1,  // {"status", "message"}
  data = 2,    // {"success", "message", "data"}
  plain = 3,   // OK
  gif = 4,     // one transparent pixel
  empty = 5,   // 204
};

struct PostbackAnswer {
  unsigned status = 200;
  std::string_view type;  // static text
  std::string body;
};

// To a call that was accepted, waits for its click, was remembered as a repeat, or quarantined; `postback.verdict`
// decides. `time_ms` is when it came.
PostbackAnswer postback_answer(const Postback& postback, PostbackAnswerKind kind, std::uint64_t time_ms);

}  // namespace tributary
