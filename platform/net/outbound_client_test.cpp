#include "platform/net/outbound_client.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <optional>
#include <thread>

#include "core/base/cmocka.h"
#include "core/base/fd.h"
#include "core/base/test_directory.h"

using namespace tributary;

namespace {

// A listener on a free port of 127.0.0.1.
Fd listen_on_loopback(int& port) {
  Fd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof any;
  assert_int_equal(bind(listener.get(), reinterpret_cast<sockaddr*>(&any), size), 0);
  assert_int_equal(listen(listener.get(), 1), 0);
  getsockname(listener.get(), reinterpret_cast<sockaddr*>(&any), &size);
  port = ntohs(any.sin_port);
  return listener;
}

Fd listen_on_socket(const std::string& path) {
  Fd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "%s", path.c_str());
  assert_int_equal(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  assert_int_equal(listen(listener.get(), 1), 0);
  return listener;
}

// Answers one connection with fixed bytes and closes.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer) : listener_(listen_on_loopback(port_)) { start(std::move(answer)); }
  // `awaited`: how the request ends.
  OneAnswer(std::string answer, const std::string& socket_path, std::string awaited)
      : awaited_(std::move(awaited)), listener_(listen_on_socket(socket_path)) {
    start(std::move(answer));
  }
  ~OneAnswer() {
    shutdown(listener_.get(), SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
  }
  std::string url(const std::string& host) const { return "http://" + host + ":" + std::to_string(port_) + "/"; }

  // What was asked; once it was answered.
  const std::string& request() {
    thread_.join();
    return request_;
  }

 private:
  void start(std::string answer) {
    thread_ = std::thread([this, answer = std::move(answer)] { serve(answer); });
  }
  void serve(const std::string& answer) {
    const Fd peer(accept(listener_.get(), nullptr, nullptr));
    if (!peer.valid()) return;
    do {
      char bytes[4096];
      const auto n = read(peer.get(), bytes, sizeof bytes);
      if (n <= 0) return;
      request_.append(bytes, static_cast<std::size_t>(n));
    } while (!request_.ends_with(awaited_));
    std::size_t sent = 0;
    while (sent < answer.size()) {
      const auto n = send(peer.get(), answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return;
      sent += static_cast<std::size_t>(n);
    }
  }

  int port_ = 0;
  std::string awaited_ = "\r\n\r\n";
  Fd listener_;
  std::string request_;
  std::thread thread_;
};

OutboundAnswer answer_of(OutboundClient& client, OutboundRequest request) {
  std::optional<OutboundAnswer> got;
  client.start(std::move(request), [&](OutboundAnswer answer) { got = std::move(answer); });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!got && std::chrono::steady_clock::now() < deadline) client.wait(std::chrono::milliseconds(100));
  if (!got) fail_msg("no answer");
  assert_int_equal(client.running(), 0);
  return *got;
}

OutboundAnswer ask(std::string url, const char* allowed, std::chrono::milliseconds timeout = std::chrono::seconds(10)) {
  OutboundClient client(*AddressGuard::parse(allowed));
  return answer_of(client, {.url = std::move(url), .timeout = timeout, .max_answer_bytes = 100});
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

void an_allowed_address_is_asked(void**) {
  const OneAnswer server("HTTP/1.1 204 No Content\r\n\r\n");
  const auto answer = ask(server.url("127.0.0.1"), "127.0.0.1");
  assert_int_equal(answer.status, 204);
  assert_string_equal(answer.error.c_str(), "");
}

void our_own_network_is_not_reached_however_it_is_spelt(void**) {
  for (const char* host : {"127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[::1]", "0"}) {
    const OneAnswer server("HTTP/1.1 200 OK\r\n\r\n");
    const auto answer = ask(server.url(host), "10.0.0.0/8");
    assert_int_equal(answer.status, 0);
    if (!contains(answer.error, "refused: ")) fail_msg("%s: %s", host, answer.error.c_str());
  }
}

void only_http_is_spoken(void**) {
  for (const char* url : {"file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/", "dict://127.0.0.1/"}) {
    const auto answer = ask(url, "0.0.0.0/0");
    assert_int_equal(answer.status, 0);
    assert_true(contains(answer.error, "rotocol"));
  }
}

void a_redirect_is_an_answer_and_is_not_followed(void**) {
  const OneAnswer server("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
  assert_int_equal(ask(server.url("127.0.0.1"), "127.0.0.1").status, 302);
}

void a_long_body_is_cut_and_still_an_answer(void**) {
  const OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n" + std::string(1'000'000, 'x'));
  const auto answer = ask(server.url("127.0.0.1"), "127.0.0.1");
  assert_int_equal(answer.status, 200);
  assert_int_equal(answer.body.size(), 100);
}

void a_server_that_says_nothing_is_given_up(void**) {
  int port = 0;
  const Fd silent = listen_on_loopback(port);
  const auto answer = ask("http://127.0.0.1:" + std::to_string(port), "127.0.0.1", std::chrono::milliseconds(150));
  assert_int_equal(answer.status, 0);
  assert_true(contains(answer.error, "timed out"));
}

void our_own_machine_is_asked_through_its_socket(void**) {
  const TestDirectory directory;
  const std::string path = directory.path() + "/edge.sock";
  OneAnswer server("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok", path, "the content");
  const std::string content = "the content";
  auto client = OutboundClient::unguarded();
  const auto answer =
      answer_of(client, {.url = "unix:" + path + ":/tributary/config",
                         .method = "PUT",
                         .headers = {"Content-Type: application/octet-stream"},
                         .body = std::make_shared<std::vector<std::uint8_t>>(content.begin(), content.end()),
                         .connect_timeout = std::chrono::seconds(2)});
  assert_int_equal(answer.status, 202);
  assert_string_equal(answer.body.c_str(), "ok");
  const std::string& request = server.request();
  assert_true(request.starts_with("PUT /tributary/config HTTP/1.1\r\n"));
  assert_true(contains(request, "Content-Type: application/octet-stream\r\n"));
  assert_true(contains(request, "Content-Length: 11\r\n"));
  assert_true(request.ends_with("\r\n\r\nthe content"));
}

void a_url_that_users_wrote_reaches_no_socket(void**) {
  const TestDirectory directory;
  const std::string path = directory.path() + "/private.sock";
  const Fd listener = listen_on_socket(path);
  const auto answer = ask("unix:" + path + ":/", "0.0.0.0/0");
  assert_int_equal(answer.status, 0);
  pollfd visited{listener.get(), POLLIN, 0};
  assert_int_equal(poll(&visited, 1, 0), 0);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(an_allowed_address_is_asked),
      cmocka_unit_test(our_own_network_is_not_reached_however_it_is_spelt),
      cmocka_unit_test(only_http_is_spoken),
      cmocka_unit_test(a_redirect_is_an_answer_and_is_not_followed),
      cmocka_unit_test(a_long_body_is_cut_and_still_an_answer),
      cmocka_unit_test(a_server_that_says_nothing_is_given_up),
      cmocka_unit_test(our_own_machine_is_asked_through_its_socket),
      cmocka_unit_test(a_url_that_users_wrote_reaches_no_socket),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
