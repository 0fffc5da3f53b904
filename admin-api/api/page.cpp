#include "admin-api/api/page.h"

#include "admin-api/api/problem.h"
#include "admin-api/text/base64url.h"
#include "admin-api/text/formats.h"

namespace tributary::admin {
namespace {

constexpr int kDefaultLimit = 100;
constexpr int kMaxLimit = 500;

}  // namespace

int page_limit(const Context& context) {
  const auto text = context.argument("limit", std::to_string(kDefaultLimit));
  if (!is_number(text, 3) || std::stoi(text) > kMaxLimit) {
    throw ApiError(400, "malformed_query", "limit is a number from 1 to " + std::to_string(kMaxLimit));
  }
  return std::stoi(text);
}

std::string page_cursor(const Context& context, bool uuid) {
  const auto text = context.argument("cursor");
  if (text.empty()) return {};
  const auto id = base64url_decode(text);
  if (!id || !(uuid ? is_uuid(*id) : is_number(*id, 18) || *id == "0")) {
    throw ApiError(400, "malformed_query", "the cursor is not one of ours");
  }
  return *id;
}

std::string encode_cursor(const std::string& id) {
  return base64url_encode(id);
}

}  // namespace tributary::admin
