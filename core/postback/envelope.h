#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tributary::fbs {
struct Network;
}

namespace tributary {

// The JSON text that the body of a POST holds, where the network puts its parameters into an envelope
// (fbs::Envelope). Nothing when there is none: the form has no such field, or no secret of the network that has not
// ended opens it. Wrong padding and a wrong key look alike.
std::optional<std::string> open_envelope(const fbs::Network& network, std::string_view body, std::uint64_t now_ms);

}  // namespace tributary
