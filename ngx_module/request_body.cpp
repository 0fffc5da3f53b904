#include "ngx_module/request_body.h"

#include <cstring>

namespace tributary {
namespace {

std::size_t size_of(const ngx_buf_t& buffer) noexcept {
  return static_cast<std::size_t>(ngx_buf_size(&buffer));
}

// Copies one buffer behind `to`; a spooled part comes from the page cache, it was written a moment ago.
bool copy_buffer(ngx_buf_t& buffer, u_char* to) noexcept {
  const std::size_t size = size_of(buffer);
  if (!buffer.in_file) {
    std::memcpy(to, buffer.pos, size);
    return true;
  }
  return ngx_read_file(buffer.file, to, size, buffer.file_pos) == static_cast<ssize_t>(size);
}

}  // namespace

bool collect_body(ngx_http_request_t* r, std::size_t limit, std::string_view& body, bool& too_large) noexcept {
  body = {};
  too_large = false;
  if (r->request_body == nullptr) return true;
  std::size_t total = 0;
  for (const ngx_chain_t* link = r->request_body->bufs; link != nullptr; link = link->next)
    total += size_of(*link->buf);
  if (total == 0) return true;
  too_large = total > limit;
  if (too_large) return false;
  auto* memory = static_cast<u_char*>(ngx_pnalloc(r->pool, total));
  if (memory == nullptr) return false;
  std::size_t done = 0;
  for (ngx_chain_t* link = r->request_body->bufs; link != nullptr; link = link->next) {
    if (!copy_buffer(*link->buf, memory + done)) return false;
    done += size_of(*link->buf);
  }
  body = {reinterpret_cast<char*>(memory), total};
  return true;
}

}  // namespace tributary
