#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platform/net/address_guard.h"

namespace tributary {

struct OutboundRequest {
  std::string url;  // http or https; anything else is refused
  std::string method = "GET";
  std::vector<std::string> headers = {};  // "Name: value"
  // Shared by requests that send the same, and by who may make the next one meanwhile. It needs a Content-Type.
  std::shared_ptr<const std::vector<std::uint8_t>> body = nullptr;
  std::chrono::milliseconds timeout{5'000};      // for all of it, the name's resolution included
  std::chrono::milliseconds connect_timeout{0};  // a shorter one for the connection; 0: none of its own
  std::size_t max_answer_bytes = 64 * 1024;      // of the body; the rest is not read
};

struct OutboundAnswer {
  long status = 0;    // 0: no answer, see error
  std::string body;   // what fits into max_answer_bytes
  std::string error;  // of the transport, or of the guard
  std::chrono::milliseconds took{0};
};

// Requests over HTTP, any number at once, on the thread that calls wait(). No redirects, no proxy, no other protocols,
// no credentials.
class OutboundClient {
 public:
  using Done = std::function<void(OutboundAnswer)>;

  // For URLs that users wrote. Every address is judged by the guard when it is connected to, so it does not matter what
  // a name resolved to before. No connection is kept.
  explicit OutboundClient(AddressGuard guard);
  // For URLs of our own machines, which an administrator wrote: any address, and unix:/path/of/socket:/path.
  static OutboundClient unguarded();
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
  explicit OutboundClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tributary
