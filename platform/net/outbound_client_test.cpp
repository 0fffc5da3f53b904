#include "platform/net/outbound_client.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <thread>

#include "core/base/cmocka.h"
#include "core/base/fd.h"

using namespace tributary;

namespace {

// Answers one connection with fixed bytes and closes.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer) : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof any;
    assert_int_equal(bind(listener_.get(), reinterpret_cast<sockaddr*>(&any), size), 0);
    assert_int_equal(listen(listener_.get(), 1), 0);
    getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&any), &size);
    port_ = ntohs(any.sin_port);
    thread_ = std::thread([this, answer = std::move(answer)] { serve(answer); });
  }
  ~OneAnswer() {
    shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  std::string url(const std::string& host) const { return "http://" + host + ":" + std::to_string(port_) + "/"; }

 private:
  void serve(const std::string& answer) const {
    const Fd peer(accept(listener_.get(), nullptr, nullptr));
    if (!peer.valid()) return;
    char request[4096];
    if (read(peer.get(), request, sizeof request) <= 0) return;
    std::size_t sent = 0;
    while (sent < answer.size()) {
      const auto n = send(peer.get(), answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return;
      sent += static_cast<std::size_t>(n);
    }
  }

  Fd listener_;
  int port_ = 0;
  std::thread thread_;
};

OutboundAnswer ask(std::string url, const char* allowed, std::chrono::milliseconds timeout = std::chrono::seconds(10)) {
  OutboundClient client(*AddressGuard::parse(allowed));
  std::optional<OutboundAnswer> got;
  client.start({.url = std::move(url), .timeout = timeout, .max_answer_bytes = 100},
               [&](OutboundAnswer answer) { got = std::move(answer); });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!got && std::chrono::steady_clock::now() < deadline) client.wait(std::chrono::milliseconds(100));
  if (!got) fail_msg("no answer");
  assert_int_equal(client.running(), 0);
  return *got;
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
  const Fd silent(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof any;
  assert_int_equal(bind(silent.get(), reinterpret_cast<sockaddr*>(&any), size), 0);
  assert_int_equal(listen(silent.get(), 1), 0);
  getsockname(silent.get(), reinterpret_cast<sockaddr*>(&any), &size);
  const auto answer =
      ask("http://127.0.0.1:" + std::to_string(ntohs(any.sin_port)), "127.0.0.1", std::chrono::milliseconds(150));
  assert_int_equal(answer.status, 0);
  assert_true(contains(answer.error, "timed out"));
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
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
