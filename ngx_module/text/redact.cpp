#include "ngx_module/text/redact.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "core/base/ascii.h"
#include "ngx_module/text/json.h"

namespace tributary {
namespace {

constexpr std::string_view kRedacted = "***";

// As nginx reads a path: a '+' is a plus.
std::string decode_path(std::string_view encoded) {
  std::string plain;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    const bool escape = encoded[i] == '%' && encoded.size() - i > 2 && ascii::hex_value(encoded[i + 1]) >= 0 &&
                        ascii::hex_value(encoded[i + 2]) >= 0;
    plain += escape ? static_cast<char>(ascii::hex_value(encoded[i + 1]) << 4 | ascii::hex_value(encoded[i + 2]))
                    : encoded[i];
    if (escape) i += 2;
  }
  return plain;
}

// Also as a part: an encoded slash or a fragment may stand beside it.
bool holds_secret(std::string_view segment, std::string_view secret) {
  return !secret.empty() && decode_path(segment).find(secret) != std::string::npos;
}

bool names_secret(std::string_view encoded) {
  std::array<char, 64> buffer;
  return is_secret_name(decode_component(encoded, buffer));
}

void append_path(std::string_view path, std::string_view secret, std::string& out) {
  for (;;) {
    const std::size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    out += holds_secret(segment, secret) ? kRedacted : segment;
    if (slash == std::string_view::npos) return;
    out += '/';
    path.remove_prefix(slash + 1);
  }
}

void append_query(std::string_view query, std::string& out) {
  for (;;) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && names_secret(pair.substr(0, equals))) {
      out.append(pair.substr(0, equals + 1)).append(kRedacted);
    } else {
      out += pair;
    }
    if (end == std::string_view::npos) return;
    out += '&';
    query.remove_prefix(end + 1);
  }
}

}  // namespace

bool is_secret_name(std::string_view name) noexcept {
  return name == "token" || name == "secret";
}

std::string redact_uri(std::string_view uri, std::string_view path_secret) {
  std::string out;
  out.reserve(uri.size());
  const std::size_t question = uri.find('?');
  append_path(uri.substr(0, question), path_secret, out);
  if (question == std::string_view::npos) return out;
  out += '?';
  append_query(uri.substr(question + 1), out);
  return out;
}

std::string flat_json(std::span<const QueryParameter> parameters) {
  JsonWriter json;
  json.begin_object();
  for (const QueryParameter& p : parameters) json.text(p.name, is_secret_name(p.name) ? kRedacted : p.value);
  return json.end_object().take();
}

std::string redact_json(std::string_view body, std::span<const QueryParameter> parameters) {
  const auto is_secret = [](const QueryParameter& p) { return is_secret_name(p.name); };
  if (std::none_of(parameters.begin(), parameters.end(), is_secret)) return std::string(body);
  return flat_json(parameters);
}

std::string describe_unreadable(std::string_view body, std::string_view problem) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash;
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(body.data()), body.size());
  std::array<char, 2 * hash.size() + 1> hex;
  sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
  JsonWriter json;
  json.begin_object().text("unreadable", problem).number("bytes", body.size()).text("sha256", hex.data());
  return json.end_object().take();
}

std::string redact_form(std::string_view form) {
  std::string out;
  out.reserve(form.size());
  append_query(form, out);
  return out;
}

}  // namespace tributary
