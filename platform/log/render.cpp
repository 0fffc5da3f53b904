#include <cstdio>

#include "platform/log/log.h"

namespace tributary::log {
namespace {

// Control bytes become escapes in both formats, so that no value can start a line of its own.
void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", byte);
      out += escape;
    } else {
      out += c;
    }
  }
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text);
  out += '"';
}

bool needs_quotes(std::string_view text) {
  return text.empty() || text.find_first_of(" =\"\\") != std::string_view::npos;
}

}  // namespace

std::string render_text(std::string_view message, Fields fields) {
  std::string out;
  append_escaped(out, message);
  for (const Field& field : fields) {
    out += ' ';
    out += field.name;
    out += '=';
    if (!field.bare && needs_quotes(field.value)) {
      append_quoted(out, field.value);
    } else {
      append_escaped(out, field.value);
    }
  }
  return out;
}

std::string render_json(std::string_view message, Fields fields) {
  std::string out = "\"message\":";
  append_quoted(out, message);
  for (const Field& field : fields) {
    out += ',';
    append_quoted(out, field.name);
    out += ':';
    if (field.bare) {
      out += field.value;
    } else {
      append_quoted(out, field.value);
    }
  }
  return out;
}

}  // namespace tributary::log
