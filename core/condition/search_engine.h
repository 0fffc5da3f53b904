#pragma once

#include <string_view>

namespace tributary {

// The search engine whose page a referrer is: "google", "bing", "yandex" ... Empty when it is none that we know. The
// name is static.
std::string_view search_engine_of(std::string_view referrer) noexcept;

}  // namespace tributary
