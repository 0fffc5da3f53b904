#pragma once

#include "core/routing/destination_selector.h"

namespace tributary {

using Landers = flatbuffers::Vector<flatbuffers::Offset<fbs::StreamLander>>;

// Whether one of them is shown at all: active, with a weight.
bool has_lander(const Landers& landers) noexcept;

// The lander that one click of `stream` is shown, by weight; by visitor where the stream is sticky. nullptr where none
// is active. Pure, noexcept, no allocation.
const fbs::Lander* select_lander(const fbs::Stream& stream, Turns turns, RoutingContext& context) noexcept;

}  // namespace tributary
