#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platform/net/address_guard.h"

namespace tributary {

struct OutboundRequest {
  std::string url;  // http or https; anything else is refused
  std::string method = "GET";
  std::vector<std::string> headers = {};     // "Name: value"
  std::chrono::milliseconds timeout{5'000};  // for all of it, the name's resolution included
  std::size_t max_answer_bytes = 64 * 1024;  // of the body; the rest is not read
};

struct OutboundAnswer {
  long status = 0;    // 0: no answer, see error
  std::string body;   // what fits into max_answer_bytes
  std::string error;  // of the transport, or of the guard
  std::chrono::milliseconds took{0};
};

// Requests to URLs that users wrote, any number at once, on the thread that calls wait(). Every address is judged by
// the guard when it is connected to, so it does not matter what a name resolved to before. No redirects, no proxy, no
// other protocols, no kept connections, no credentials.
class OutboundClient {
 public:
  using Done = std::function<void(OutboundAnswer)>;

  explicit OutboundClient(AddressGuard guard);
  ~OutboundClient();  // drops what is running; its callbacks are not called
  OutboundClient(const OutboundClient&) = delete;
  OutboundClient& operator=(const OutboundClient&) = delete;

  void start(OutboundRequest request, Done done);
  std::size_t running() const noexcept;
  // Works until something happened, wake() was called or the time is over; calls back for what is done.
  void wait(std::chrono::milliseconds limit);
  void wake() noexcept;  // from any thread

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tributary
