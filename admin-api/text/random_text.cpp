#include "admin-api/text/random_text.h"

#include <sodium.h>

namespace tributary::admin {

std::string random_base62(std::size_t length) {
  std::string out(length, '0');
  for (auto& c : out) c = kBase62[randombytes_uniform(sizeof kBase62 - 1)];
  return out;
}

}  // namespace tributary::admin
