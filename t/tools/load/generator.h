#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "t/tools/load/connection.h"
#include "t/tools/load/options.h"
#include "t/tools/load/request_source.h"
#include "t/tools/load/results.h"

namespace tributary::load {

std::uint64_t monotonic_ns() noexcept;

// The event loop. Requests become due by a schedule made beforehand, whether or not the server keeps up; what finds no
// free connection waits in a queue, and its waiting counts as latency.
//
// A refused connection is tried again, so a restarting server delays requests but does not fail them. A request fails
// only after it was handed to a connection that then broke.
class Generator {
 public:
  explicit Generator(const Options& options);
  ~Generator();
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;

  Results& run();

 private:
  void make_schedule();
  void release_due(std::uint64_t now);
  void hand_out();
  void give(unsigned index, Request request);
  void wait(std::uint64_t now);
  void handle(unsigned index, Connection::Event event);
  void complete(unsigned index);
  void reopen(unsigned index);
  void connect_all_idle(std::uint64_t now);
  void expire(std::uint64_t now);
  void give_up(std::uint64_t now);
  bool finished(std::uint64_t now) const noexcept;

  const Options& options_;
  std::uint64_t start_ns_;
  std::uint64_t end_ns_;
  Results results_;
  RequestSource source_;
  sockaddr_in server_{};
  int epoll_ = -1;
  std::vector<std::uint64_t> schedule_;  // due times; empty in a closed loop
  std::uint64_t released_ = 0;
  std::deque<Request> queue_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<unsigned> idle_;
  std::vector<unsigned> closed_;
  std::uint64_t retry_ns_ = 0;  // no connection attempt before this
  std::uint64_t checked_ns_ = 0;
};

}  // namespace tributary::load
