#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "platform/http/message.h"

// Errors of the API as problem documents (RFC 9457). Handlers throw ApiError; one place turns it into an answer.
namespace tributary::admin {

struct FieldProblem {
  std::string field;  // as in the request: "destinations[2].weight"
  std::string reason;
};

class ApiError : public std::runtime_error {
 public:
  // `code` is a stable word for programs, `detail` a sentence for people.
  ApiError(int status, std::string code, const std::string& detail, std::vector<FieldProblem> fields = {})
      : std::runtime_error(detail), status_(status), code_(std::move(code)), fields_(std::move(fields)) {}

  int status() const noexcept { return status_; }
  const std::string& code() const noexcept { return code_; }
  const std::vector<FieldProblem>& fields() const noexcept { return fields_; }
  ApiError& header(std::string name, std::string value) {
    headers_.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  const http::Headers& headers() const noexcept { return headers_; }

 private:
  int status_;
  std::string code_;
  std::vector<FieldProblem> fields_;
  http::Headers headers_;
};

ApiError not_found();
ApiError forbidden(const std::string& detail);
ApiError invalid_field(std::string field, std::string reason);
ApiError invalid_fields(std::vector<FieldProblem> fields);
ApiError conflict(const std::string& detail);

http::Response problem_response(const ApiError& error);

// What an exception of a handler means to the client. Unexpected ones are logged and say nothing about the inside.
// Call it inside a catch block.
ApiError describe_current_exception();

}  // namespace tributary::admin
