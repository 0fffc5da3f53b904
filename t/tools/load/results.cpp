#include "t/tools/load/results.h"

#include <cinttypes>
#include <stdexcept>

namespace tributary::load {
namespace {

std::uint64_t latency_us(const Request& request, std::uint64_t now_ns) noexcept {
  return now_ns > request.due_ns ? (now_ns - request.due_ns) / 1000 : 0;
}

const char* kind_name(Kind kind) noexcept {
  switch (kind) {
    case Kind::click: return "click";
    case Kind::postback: return "postback";
    case Kind::repeat: return "repeat";
  }
  return "?";
}

template <typename Map>
std::string counts_json(const Map& counts) {
  std::string out = "{";
  for (const auto& [key, count] : counts) {
    if constexpr (std::is_integral_v<std::decay_t<decltype(key)>>) {
      out += "\"" + std::to_string(key);
    } else {
      out += "\"" + key;
    }
    out += "\":" + std::to_string(count) + ",";
  }
  if (out.back() == ',') out.pop_back();
  return out + "}";
}

}  // namespace

Results::Results(const std::string& path, std::uint64_t start_ns) : start_ns_(start_ns) {
  if (path.empty()) return;
  file_.reset(std::fopen(path.c_str(), "we"));
  if (!file_) throw std::runtime_error("cannot write " + path);
}

void Results::answered(const Request& request, int status, std::string_view id, std::string_view verdict,
                       std::uint64_t now_ns) {
  const auto us = latency_us(request, now_ns);
  histogram_.add(us);
  ++by_status_[status];
  line(request, Outcome::answered, status, id, us, verdict);
}

void Results::failed(const Request& request, std::string_view reason, std::uint64_t now_ns) {
  ++failed_;
  const auto found = failures_.find(reason);
  found == failures_.end() ? failures_.emplace(reason, 1).first->second : ++found->second;
  line(request, Outcome::failed, 0, {}, latency_us(request, now_ns), reason);
}

void Results::unsent(const Request& request, std::uint64_t now_ns) {
  ++unsent_;
  line(request, Outcome::unsent, 0, {}, latency_us(request, now_ns), "-");
}

void Results::line(const Request& request, Outcome outcome, int status, std::string_view id, std::uint64_t us,
                   std::string_view word) {
  if (!file_) return;
  static constexpr const char* kOutcomes[] = {"answered", "failed", "unsent"};
  const auto or_dash = [](std::string_view text) { return text.empty() ? std::string_view("-") : text; };
  const std::string_view shown = or_dash(id), shown_word = or_dash(word);
  std::fprintf(file_.get(), "%s\t%s\t%s\t%d\t%.*s\t%" PRIu64 "\t%" PRIu64 "\t%.*s\n", request.uid.c_str(),
               kind_name(request.kind), kOutcomes[static_cast<int>(outcome)], status, static_cast<int>(shown.size()),
               shown.data(), (request.due_ns - start_ns_) / 1000, us, static_cast<int>(shown_word.size()),
               shown_word.data());
}

std::string Results::summary_json(double seconds) const {
  char text[512];
  std::snprintf(text, sizeof text,
                "{\"scheduled\":%" PRIu64 ",\"answered\":%" PRIu64 ",\"failed\":%" PRIu64 ",\"unsent\":%" PRIu64
                ",\"seconds\":%.3f,\"over_50ms\":%" PRIu64 ",\"latency_us\":{\"p50\":%" PRIu64 ",\"p90\":%" PRIu64
                ",\"p99\":%" PRIu64 ",\"p999\":%" PRIu64 ",\"max\":%" PRIu64 "}",
                done(), histogram_.count(), failed_, unsent_, seconds, histogram_.count_above(50'000),
                histogram_.quantile(0.5), histogram_.quantile(0.9), histogram_.quantile(0.99),
                histogram_.quantile(0.999), histogram_.max());
  return std::string(text) + ",\"by_status\":" + counts_json(by_status_) + ",\"failures\":" + counts_json(failures_) +
         "}";
}

bool Results::close() {
  if (!file_) return true;
  return std::fclose(file_.release()) == 0;
}

}  // namespace tributary::load
