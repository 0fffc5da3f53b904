#include "platform/http/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/cmocka.h"

namespace {

using namespace tributary::http;

// Sends raw bytes and returns everything until the server closes.
std::string exchange(unsigned port, const std::string& bytes) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    for (std::size_t sent = 0; sent < bytes.size();) {
      const auto n = send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) break;
      sent += static_cast<std::size_t>(n);
    }
    char chunk[4096];
    for (ssize_t n = 0; (n = recv(fd, chunk, sizeof chunk, 0)) > 0;) answer.append(chunk, static_cast<std::size_t>(n));
  }
  close(fd);
  return answer;
}

std::string ask(const std::string& bytes) {
  ServerOptions options;
  options.workers = 1;
  options.max_body_bytes = 1000;
  options.max_header_bytes = 2000;
  options.read_timeout = std::chrono::milliseconds(300);
  Server server(options, [](const Request& request) {
    if (request.path == "/throw") throw std::runtime_error("boom");
    return text_response(200, request.method + " " + request.path + "?" + request.query + " " + request.body);
  });
  server.start();
  return exchange(server.port(), bytes);
}

bool has(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

void answers_a_request_with_its_decoded_path_and_body(void**) {
  const auto answer = ask("POST /a%20b?x=%31 HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 3\r\n\r\nxyz");
  assert_true(has(answer, "HTTP/1.1 200 OK"));
  assert_true(has(answer, "POST /a b?x=%31 xyz"));
}

void a_head_request_gets_the_length_and_no_body(void**) {
  const auto answer = ask("HEAD /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  assert_true(has(answer, "Content-Length: 9"));
  assert_false(has(answer, "HEAD /a?"));
}

void a_body_above_the_limit_is_413_before_it_is_read(void**) {
  assert_true(has(ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n"), " 413 "));
}

void a_header_above_the_limit_is_431(void**) {
  assert_true(has(ask("GET / HTTP/1.1\r\nX: " + std::string(5000, 'a') + "\r\n\r\n"), " 431 "));
}

void malformed_requests_and_paths_are_400(void**) {
  assert_true(has(ask("NONSENSE\r\n\r\n"), " 400 "));
  for (const char* path : {"/../etc/passwd", "/%00", "/a%2Fb", "/%zz", "*", "http://h/"}) {
    const auto answer = ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assert_true(has(answer, " 400 "));
  }
}

void a_request_that_never_ends_is_closed(void**) {
  assert_int_equal(ask("GET / HTTP/1.1\r\nHos").size(), 0);  // returns: the test has a deadline
}

void an_exception_of_the_handler_is_500_and_says_nothing(void**) {
  const auto answer = ask("GET /throw HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  assert_true(has(answer, " 500 "));
  assert_false(has(answer, "boom"));
}

void a_unix_socket_is_served_and_removed_at_stop(void**) {
  const std::string path = "/tmp/tributary-http-test-" + std::to_string(getpid());
  ServerOptions options;
  options.listen = "unix:" + path;
  Server server(options, [](const Request&) { return text_response(200, "ok"); });
  server.start();
  assert_int_equal(access(path.c_str(), F_OK), 0);
  server.stop();
  assert_int_not_equal(access(path.c_str(), F_OK), 0);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(answers_a_request_with_its_decoded_path_and_body),
      cmocka_unit_test(a_head_request_gets_the_length_and_no_body),
      cmocka_unit_test(a_body_above_the_limit_is_413_before_it_is_read),
      cmocka_unit_test(a_header_above_the_limit_is_431),
      cmocka_unit_test(malformed_requests_and_paths_are_400),
      cmocka_unit_test(a_request_that_never_ends_is_closed),
      cmocka_unit_test(an_exception_of_the_handler_is_500_and_says_nothing),
      cmocka_unit_test(a_unix_socket_is_served_and_removed_at_stop),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
