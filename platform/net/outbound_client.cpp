#include "platform/net/outbound_client.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>

namespace tributary {
namespace {

struct Transfer {
  OutboundRequest request;
  OutboundClient::Done done;
  const AddressGuard* guard = nullptr;  // nullptr: any address
  OutboundAnswer answer;
  std::string refusal;     // of the guard, for the last address that was tried
  bool truncated = false;  // the body is longer than we want to know
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  char error[CURL_ERROR_SIZE] = "";

  Transfer() = default;
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer() {
    if (easy != nullptr) curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
  }
};

curl_socket_t open_socket(void* data, curlsocktype, curl_sockaddr* to) {
  auto& transfer = *static_cast<Transfer*>(data);
  const auto address = IpAddress::from(&to->addr);
  transfer.refusal = address ? transfer.guard->refusal(*address) : "not an address of the Internet";
  if (!transfer.refusal.empty()) return CURL_SOCKET_BAD;  // libcurl tries the next address of the name
  return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

std::size_t write_answer(char* bytes, std::size_t size, std::size_t count, void* data) {
  auto& transfer = *static_cast<Transfer*>(data);
  auto& body = transfer.answer.body;
  const auto length = std::min(size * count, transfer.request.max_answer_bytes - body.size());
  body.append(bytes, length);
  transfer.truncated = length < size * count;
  return length;  // less than was offered ends the transfer
}

void set_guard(Transfer& transfer) {
  curl_easy_setopt(transfer.easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(transfer.easy, CURLOPT_OPENSOCKETDATA, &transfer);
  curl_easy_setopt(transfer.easy, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(transfer.easy, CURLOPT_FORBID_REUSE, 1L);
}

// unix:/run/nginx.sock:/tributary/config → the socket and http://localhost/tributary/config
void set_socket(CURL* easy, const std::string& url) {
  const auto colon = url.find(':', 5);
  const auto socket = url.substr(5, colon == std::string::npos ? colon : colon - 5);
  const auto path = colon == std::string::npos ? "/" : url.substr(colon + 1);
  curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, socket.c_str());
  curl_easy_setopt(easy, CURLOPT_URL, ("http://localhost" + path).c_str());
}

void set_address(Transfer& transfer) {
  const auto& url = transfer.request.url;
  if (transfer.guard != nullptr) set_guard(transfer);
  if (transfer.guard == nullptr && url.starts_with("unix:")) {
    set_socket(transfer.easy, url);
  } else {
    curl_easy_setopt(transfer.easy, CURLOPT_URL, url.c_str());
  }
}

void set_content(Transfer& transfer) {
  CURL* const easy = transfer.easy;
  const auto& request = transfer.request;
  if (request.body != nullptr) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body->data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body->size()));
  }
  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  for (const auto& header : request.headers) transfer.headers = curl_slist_append(transfer.headers, header.c_str());
  transfer.headers = curl_slist_append(transfer.headers, "Expect:");  // no waiting for "100 Continue"
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers);
}

void set_up(Transfer& transfer) {
  CURL* const easy = transfer.easy;
  set_address(transfer);
  set_content(transfer);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(transfer.request.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(transfer.request.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, write_answer);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
}

// A body that was cut is an answer all the same.
void conclude(Transfer& transfer, CURLcode result) {
  auto& answer = transfer.answer;
  curl_off_t took_us = 0;
  curl_easy_getinfo(transfer.easy, CURLINFO_TOTAL_TIME_T, &took_us);
  answer.took = std::chrono::milliseconds(took_us / 1000);
  if (result == CURLE_OK || (result == CURLE_WRITE_ERROR && transfer.truncated)) {
    curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &answer.status);
  } else if (!transfer.refusal.empty()) {
    answer.error = "refused: " + transfer.refusal;
  } else {
    answer.error = transfer.error[0] != '\0' ? transfer.error : curl_easy_strerror(result);
  }
}

}  // namespace

struct OutboundClient::Impl {
  explicit Impl(std::optional<AddressGuard> the_guard) : guard(std::move(the_guard)) {}

  const std::optional<AddressGuard> guard;
  CURLM* multi = curl_multi_init();
  std::map<CURL*, std::unique_ptr<Transfer>> running;

  void finish(CURL* easy, CURLcode result) {
    const auto node = running.extract(easy);
    auto& transfer = *node.mapped();
    conclude(transfer, result);
    curl_multi_remove_handle(multi, easy);
    transfer.done(std::move(transfer.answer));
  }
};

OutboundClient::OutboundClient(AddressGuard guard) : OutboundClient(std::make_unique<Impl>(std::move(guard))) {}

OutboundClient OutboundClient::unguarded() {
  return OutboundClient(std::make_unique<Impl>(std::nullopt));
}

OutboundClient::OutboundClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  if (impl_->multi == nullptr) throw std::runtime_error("cannot start libcurl");
}

OutboundClient::~OutboundClient() {
  for (auto& [easy, transfer] : impl_->running) curl_multi_remove_handle(impl_->multi, easy);
  impl_->running.clear();
  curl_multi_cleanup(impl_->multi);
}

void OutboundClient::start(OutboundRequest request, Done done) {
  auto transfer = std::make_unique<Transfer>();
  transfer->request = std::move(request);
  transfer->done = std::move(done);
  transfer->guard = impl_->guard ? &*impl_->guard : nullptr;
  transfer->easy = curl_easy_init();
  if (transfer->easy == nullptr) throw std::runtime_error("cannot start a request: out of memory");
  set_up(*transfer);
  CURL* const easy = transfer->easy;
  impl_->running.emplace(easy, std::move(transfer));
  curl_multi_add_handle(impl_->multi, easy);
}

std::size_t OutboundClient::running() const noexcept {
  return impl_->running.size();
}

void OutboundClient::wait(std::chrono::milliseconds limit) {
  int running = 0;
  curl_multi_perform(impl_->multi, &running);
  curl_multi_poll(impl_->multi, nullptr, 0, static_cast<int>(limit.count()), nullptr);
  curl_multi_perform(impl_->multi, &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(impl_->multi, &left)) {
    if (message->msg == CURLMSG_DONE) impl_->finish(message->easy_handle, message->data.result);
  }
}

void OutboundClient::wake() noexcept {
  curl_multi_wakeup(impl_->multi);
}

}  // namespace tributary
