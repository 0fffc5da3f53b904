#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace tributary {

inline constexpr std::string_view kPrometheusContentType = "text/plain; version=0.0.4; charset=utf-8";

// Writes the text exposition format. All samples of a metric follow its header: call counter() or gauge() once per
// name, then sample() for each set of labels.
class PrometheusWriter {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  void counter(std::string_view name, std::string_view help) { header(name, help, "counter"); }
  void gauge(std::string_view name, std::string_view help) { header(name, help, "gauge"); }
  void sample(std::uint64_t value, Labels labels = {}) { line(std::to_string(value), labels); }
  void sample(double value, Labels labels = {});

  std::string take() { return std::exchange(out_, {}); }

 private:
  void header(std::string_view name, std::string_view help, std::string_view type);
  void line(std::string_view value, Labels labels);

  std::string name_;
  std::string out_;
};

}  // namespace tributary
