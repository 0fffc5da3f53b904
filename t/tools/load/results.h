#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "t/tools/load/latency_histogram.h"
#include "t/tools/load/request_source.h"

namespace tributary::load {

enum class Outcome : std::uint8_t {
  answered,
  failed,  // sent, and no whole answer came: in flight on a process that died, or a fault
  unsent,  // never reached a server before the generator gave up
};

// What became of every request: a line each in the file, and the totals.
//
// A line: uid, kind, outcome, status, id (click id or conversion id, "-" for none), due (us since the start), latency
// (us since due), verdict of an answered postback or reason of a failure ("-" for none); separated by tabs.
class Results {
 public:
  Results(const std::string& path, std::uint64_t start_ns);  // empty path: no file

  void answered(const Request& request, int status, std::string_view id, std::string_view verdict,
                std::uint64_t now_ns);
  void failed(const Request& request, std::string_view reason, std::uint64_t now_ns);
  void unsent(const Request& request, std::uint64_t now_ns);

  std::uint64_t done() const noexcept { return histogram_.count() + failed_ + unsent_; }
  std::string summary_json(double seconds) const;
  bool close();  // false when the file could not be written whole

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };
  void line(const Request& request, Outcome outcome, int status, std::string_view id, std::uint64_t latency_us,
            std::string_view word);

  std::unique_ptr<std::FILE, CloseFile> file_;
  std::uint64_t start_ns_;
  LatencyHistogram histogram_;
  std::map<int, std::uint64_t> by_status_;
  std::map<std::string, std::uint64_t, std::less<>> failures_;
  std::uint64_t failed_ = 0;
  std::uint64_t unsent_ = 0;
};

}  // namespace tributary::load
