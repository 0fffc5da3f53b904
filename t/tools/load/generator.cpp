#include "t/tools/load/generator.h"

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>

namespace tributary::load {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kRetryNs = 5'000'000;
constexpr std::uint64_t kExpiryCheckNs = 100'000'000;

std::uint64_t to_ns(double seconds) {
  return static_cast<std::uint64_t>(seconds * static_cast<double>(kSecond));
}

std::string_view answer_id(const Request& request, const ResponseParser& response, std::string_view parameter) {
  const auto text = request.kind == Kind::click ? response.header("location") : response.body();
  const std::string key = request.kind == Kind::click ? std::string(parameter) + "=" : "\"conversion_id\":";
  const auto at = text.find(key);
  if (at == std::string_view::npos) return {};
  const auto value = text.substr(at + key.size());
  return value.substr(0, std::min(value.find_first_of("&#,}\r\n"), value.size()));
}

// The word of "verdict":"accepted" in the answer to a postback.
std::string_view answer_verdict(std::string_view body) {
  constexpr std::string_view kKey = "\"verdict\":\"";
  const auto at = body.find(kKey);
  if (at == std::string_view::npos) return {};
  const auto value = body.substr(at + kKey.size());
  return value.substr(0, std::min(value.find('"'), value.size()));
}

}  // namespace

std::uint64_t monotonic_ns() noexcept {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

Generator::Generator(const Options& options)
    : options_(options),
      start_ns_(monotonic_ns() + kSecond / 20),
      end_ns_(start_ns_ + to_ns(options.duration_s)),
      results_(options.out, start_ns_),
      source_(options),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  server_.sin_family = AF_INET;
  server_.sin_port = htons(options.port);
  if (::inet_pton(AF_INET, options.address.c_str(), &server_.sin_addr) != 1) {
    throw std::runtime_error("--address wants an IPv4 address, not " + options.address);
  }
  for (unsigned i = 0; i < options.connections; ++i) {
    connections_.push_back(std::make_unique<Connection>());
    closed_.push_back(i);
  }
  make_schedule();
}

Generator::~Generator() {
  ::close(epoll_);
}

void Generator::make_schedule() {
  if (options_.rate == 0) return;
  const auto count = static_cast<std::uint64_t>(options_.rate * options_.duration_s);
  schedule_.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    schedule_.push_back(start_ns_ + to_ns(static_cast<double>(i) / options_.rate));
  }
}

Results& Generator::run() {
  for (auto now = monotonic_ns(); !finished(now); now = monotonic_ns()) {
    release_due(now);
    if (!options_.close) connect_all_idle(now);
    hand_out();
    expire(now);
    wait(monotonic_ns());
  }
  give_up(monotonic_ns());
  return results_;
}

bool Generator::finished(std::uint64_t now) const noexcept {
  if (now > end_ns_ + to_ns(options_.drain_s)) return true;
  if (options_.rate == 0) return now > end_ns_ && results_.done() == released_;
  return results_.done() == schedule_.size();
}

void Generator::release_due(std::uint64_t now) {
  if (options_.rate == 0) {
    const std::size_t free = options_.close ? closed_.size() : idle_.size();
    while (now >= start_ns_ && now < end_ns_ && queue_.size() < free) queue_.push_back(source_.make(released_++, now));
    return;
  }
  while (released_ < schedule_.size() && schedule_[released_] <= now) {
    queue_.push_back(source_.make(released_, schedule_[released_]));
    ++released_;
  }
}

void Generator::hand_out() {
  while (!queue_.empty()) {
    unsigned index;
    if (!idle_.empty()) {
      index = idle_.back();
      idle_.pop_back();
    } else if (options_.close && !closed_.empty() && monotonic_ns() >= retry_ns_) {
      index = closed_.back();
      closed_.pop_back();
      reopen(index);
    } else {
      return;
    }
    Request request = std::move(queue_.front());
    queue_.pop_front();
    give(index, std::move(request));
  }
}

void Generator::give(unsigned index, Request request) {
  Connection& connection = *connections_[index];
  connection.sent_ns = monotonic_ns();
  handle(index, connection.send(std::move(request)));
}

void Generator::reopen(unsigned index) {
  Connection& connection = *connections_[index];
  if (!connection.connect(server_)) throw std::runtime_error("no socket: raise the limit of open files");
  epoll_event event{EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, {.u32 = index}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd(), &event);
}

void Generator::connect_all_idle(std::uint64_t now) {
  if (now < retry_ns_) return;
  while (!closed_.empty()) {
    reopen(closed_.back());
    closed_.pop_back();
  }
}

void Generator::wait(std::uint64_t now) {
  std::uint64_t until = now + kExpiryCheckNs;
  if (released_ < schedule_.size()) until = std::min(until, schedule_[released_]);
  if (options_.rate == 0 && now < start_ns_) until = std::min(until, start_ns_);
  if (!closed_.empty() && retry_ns_ > now) until = std::min(until, retry_ns_);
  const std::uint64_t left = until > now ? until - now : 0;
  const timespec timeout{static_cast<time_t>(left / kSecond), static_cast<long>(left % kSecond)};
  std::array<epoll_event, 256> events;
  const int count = ::epoll_pwait2(epoll_, events.data(), events.size(), &timeout, nullptr);
  for (int i = 0; i < count; ++i) {
    const unsigned index = events[static_cast<std::size_t>(i)].data.u32;
    if (!connections_[index]->is_open()) continue;
    handle(index, connections_[index]->on_event(events[static_cast<std::size_t>(i)].events));
  }
}

void Generator::handle(unsigned index, Connection::Event event) {
  Connection& connection = *connections_[index];
  switch (event) {
    case Connection::Event::none: return;
    case Connection::Event::ready: idle_.push_back(index); return;
    case Connection::Event::answered: complete(index); return;
    case Connection::Event::refused:
      if (connection.busy()) queue_.push_front(connection.take_request());
      retry_ns_ = monotonic_ns() + kRetryNs;
      break;
    case Connection::Event::lost:
      results_.failed(connection.take_request(), connection.response().started() ? "cut" : "reset", monotonic_ns());
      break;
    case Connection::Event::closed_idle: std::erase(idle_, index); break;
  }
  connection.close();
  closed_.push_back(index);
}

void Generator::complete(unsigned index) {
  Connection& connection = *connections_[index];
  const Request request = connection.take_request();
  const auto id = answer_id(request, connection.response(), options_.click_parameter);
  const auto verdict = request.kind == Kind::click ? std::string_view() : answer_verdict(connection.response().body());
  results_.answered(request, connection.response().status(), id, verdict, monotonic_ns());
  if (request.kind == Kind::click && !id.empty()) source_.click_answered(id);
  if (options_.close || connection.response().close() || connection.peer_closed()) {
    connection.close();
    closed_.push_back(index);
  } else {
    idle_.push_back(index);
  }
}

void Generator::expire(std::uint64_t now) {
  if (now - checked_ns_ < kExpiryCheckNs) return;
  checked_ns_ = now;
  for (unsigned i = 0; i < connections_.size(); ++i) {
    Connection& connection = *connections_[i];
    if (!connection.busy() || now < connection.sent_ns + to_ns(options_.timeout_s)) continue;
    results_.failed(connection.take_request(), "timeout", now);
    connection.close();
    closed_.push_back(i);
  }
}

void Generator::give_up(std::uint64_t now) {
  for (const auto& connection : connections_) {
    if (connection->busy()) results_.failed(connection->take_request(), "timeout", now);
  }
  for (const Request& request : queue_) results_.unsent(request, now);
  while (released_ < schedule_.size()) {
    results_.unsent(source_.make(released_, schedule_[released_]), now);
    ++released_;
  }
}

}  // namespace tributary::load
