#pragma once

#include <algorithm>
#include <string_view>

#include "ngx_module/ngx.h"

namespace tributary {

inline std::string_view view(const ngx_str_t& s) noexcept {
  return {reinterpret_cast<const char*>(s.data), s.len};
}

inline std::string_view view(const ngx_table_elt_t* header) noexcept {
  return header == nullptr ? std::string_view{} : view(header->value);
}

// For arguments of %V and fields of nginx that are only read: the bytes are not copied.
inline ngx_str_t ngx_view(std::string_view s) noexcept {
  return {s.size(), reinterpret_cast<u_char*>(const_cast<char*>(s.data()))};
}

// A copy in `pool`; data is nullptr when there is no memory.
inline ngx_str_t copy_to(ngx_pool_t* pool, std::string_view s) noexcept {
  auto* data = static_cast<u_char*>(ngx_pnalloc(pool, s.size() + 1));
  if (data == nullptr) return {0, nullptr};
  // An empty text may have no address. From char to char this is one memmove, to u_char a loop over the bytes.
  std::copy(s.begin(), s.end(), reinterpret_cast<char*>(data));
  data[s.size()] = 0;
  return {s.size(), data};
}

}  // namespace tributary
