#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tributary::load {

// One HTTP/1.1 answer, fed in pieces. Understands Content-Length and bodies that end with the connection.
class ResponseParser {
 public:
  void reset() noexcept;
  // Returns false when the bytes are not an HTTP answer.
  bool feed(std::string_view bytes);
  // The peer has closed: completes an answer whose body has no length.
  void finish() noexcept;

  bool complete() const noexcept { return complete_; }
  bool started() const noexcept { return !bytes_.empty(); }
  int status() const noexcept { return status_; }
  bool close() const noexcept { return close_; }
  std::string_view header(std::string_view lower_case_name) const noexcept;
  std::string_view body() const noexcept;

 private:
  bool parse_head();

  std::string bytes_;
  std::size_t head_length_ = 0;  // 0: not complete yet
  std::size_t body_length_ = 0;
  bool has_length_ = false;
  bool close_ = false;
  bool complete_ = false;
  int status_ = 0;
};

}  // namespace tributary::load
