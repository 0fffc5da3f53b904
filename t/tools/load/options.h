#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tributary::load {

// One run of the generator, as the command line says it.
struct Options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 80;
  std::string host = "localhost";  // Host header
  double rate = 1000;              // requests per second; 0: closed loop, each connection sends as soon as it may
  double duration_s = 1;
  unsigned connections = 64;
  bool close = false;  // Connection: close, one connection per request
  std::string click = "/c/c{n}?sub1={uid}";
  std::string postback;  // empty: clicks only
  double postback_share = 0;
  double repeat_share = 0;  // of the postbacks: the same call as an earlier one
  std::string click_parameter = "cid";
  unsigned campaigns = 1;
  // Drawn like campaigns.
  std::vector<std::string> agents{"Mozilla/5.0 (X11; Linux x86_64) tributary-load"};
  std::string run = "run";  // first part of every id
  std::string out;          // one line per request; empty: none
  // "id TAB path" of each request, in this order, instead of clicks and postbacks made here; `rate` says for how long.
  std::vector<std::string> calls;
  double timeout_s = 10;  // a request without an answer has failed after this
  double drain_s = 30;    // how long to wait after the last request is due
  std::uint64_t seed = 1;
};

// Exits with a message when the command line is wrong.
Options parse_options(int argc, char** argv);

}  // namespace tributary::load
