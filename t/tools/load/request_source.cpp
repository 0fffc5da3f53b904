#include "t/tools/load/request_source.h"

#include <cmath>

namespace tributary::load {
namespace {

constexpr std::size_t kRemembered = 4096;

template <typename T>
void remember(std::vector<T>& ring, std::uint64_t& count, T value) {
  if (ring.size() < kRemembered) {
    ring.push_back(std::move(value));
  } else {
    ring[count % kRemembered] = std::move(value);
  }
  ++count;
}

}  // namespace

RequestSource::RequestSource(const Options& options) : options_(options), random_(options.seed) {}

Request RequestSource::make(std::uint64_t number, std::uint64_t due_ns) {
  if (!options_.calls.empty()) return listed(number, due_ns);
  const bool postback = !options_.postback.empty() && !clicks_.empty() && chance(options_.postback_share);
  if (postback && !sent_postbacks_.empty() && chance(options_.repeat_share)) {
    Request repeat = sent_postbacks_[random_() % sent_postbacks_.size()];
    repeat.number = number;
    repeat.due_ns = due_ns;
    repeat.kind = Kind::repeat;
    return repeat;
  }
  Request request{
      number, due_ns, postback ? Kind::postback : Kind::click, options_.run + "-" + std::to_string(number), {}};
  const std::string& click = postback ? clicks_[random_() % clicks_.size()] : std::string();
  request.text = render(postback ? options_.postback : options_.click, request.uid, click);
  if (postback) remember(sent_postbacks_, postback_count_, request);
  return request;
}

Request RequestSource::listed(std::uint64_t number, std::uint64_t due_ns) {
  const std::string_view call = options_.calls[number];
  const auto tab = call.find('\t');
  const std::string_view path = call.substr(tab + 1);
  return {number, due_ns, Kind::postback, std::string(call.substr(0, tab)), render(path, {}, {})};
}

void RequestSource::click_answered(std::string_view click_id) {
  if (!options_.postback.empty()) remember(clicks_, click_count_, std::string(click_id));
}

std::size_t RequestSource::draw(std::size_t count) {
  const double u = std::uniform_real_distribution<>()(random_);
  return static_cast<std::size_t>(u * u * u * static_cast<double>(count));
}

std::string RequestSource::render(std::string_view path, std::string_view uid, std::string_view click) {
  std::string text = "GET ";
  text.reserve(256);
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto rest = path.substr(i);
    if (rest.starts_with("{uid}")) {
      text.append(uid);
      i += 4;
    } else if (rest.starts_with("{click}")) {
      text.append(click);
      i += 6;
    } else if (rest.starts_with("{n}")) {
      text.append(std::to_string(1 + draw(options_.campaigns)));
      i += 2;
    } else {
      text.push_back(path[i]);
    }
  }
  text.append(" HTTP/1.1\r\nHost: ").append(options_.host);
  const auto& agents = options_.agents;
  text.append("\r\nUser-Agent: ").append(agents[agents.size() == 1 ? 0 : draw(agents.size())]).append("\r\n");
  if (options_.close) text.append("Connection: close\r\n");
  return text.append("\r\n");
}

}  // namespace tributary::load
