#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tributary::admin {

struct EdgeRequest {
  std::string url;  // http(s)://host:port/path, or unix:/path/of/socket:/path
  bool put = false;
  std::vector<std::string> headers;  // "Name: value"
  // Shared by the requests to all edges and by the pusher, which may compile the next one meanwhile.
  std::shared_ptr<const std::vector<std::uint8_t>> body;
  std::chrono::milliseconds timeout{5'000};
};

struct EdgeAnswer {
  long status = 0;    // 0: no answer, see error
  std::string body;   // at most 64 KiB
  std::string error;  // of the transport
};

// HTTP requests to edges, any number at once, on the thread that calls wait(). Redirects are not followed.
class EdgeClient {
 public:
  using Done = std::function<void(EdgeAnswer)>;

  EdgeClient();
  ~EdgeClient();  // drops what is running; their callbacks are not called
  EdgeClient(const EdgeClient&) = delete;
  EdgeClient& operator=(const EdgeClient&) = delete;

  void start(EdgeRequest request, Done done);
  // Works until something happened, wake() was called or the time is over; calls back for what is done.
  void wait(std::chrono::milliseconds limit);
  void wake() noexcept;  // from any thread

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tributary::admin
