#include "platform/prometheus/prometheus.h"

#include <charconv>

namespace tributary {
namespace {

void append_label_value(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
}

}  // namespace

void PrometheusWriter::header(std::string_view name, std::string_view help, std::string_view type) {
  name_ = name;
  out_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  out_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void PrometheusWriter::sample(double value, Labels labels) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  line(error == std::errc() ? std::string_view(text, static_cast<std::size_t>(end - text)) : "NaN", labels);
}

void PrometheusWriter::line(std::string_view value, Labels labels) {
  out_ += name_;
  char separator = '{';
  for (const auto& [label, text] : labels) {
    out_ += separator;
    out_.append(label).append("=\"");
    append_label_value(out_, text);
    out_ += '"';
    separator = ',';
  }
  if (separator == ',') out_ += '}';
  out_.append(" ").append(value).append("\n");
}

}  // namespace tributary
