#include "admin-api/snapshot/edge_client.h"

#include <curl/curl.h>

#include <cstring>
#include <map>
#include <stdexcept>

namespace tributary::admin {
namespace {

constexpr std::size_t kMaxAnswerBytes = 64 * 1024;

struct Transfer {
  EdgeRequest request;
  EdgeClient::Done done;
  EdgeAnswer answer;
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  std::size_t sent = 0;
  char error[CURL_ERROR_SIZE] = "";

  Transfer() = default;
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer() {
    if (easy != nullptr) curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
  }
};

std::size_t read_body(char* out, std::size_t size, std::size_t count, void* data) {
  auto& transfer = *static_cast<Transfer*>(data);
  const auto& body = *transfer.request.body;
  const auto length = std::min(size * count, body.size() - transfer.sent);
  std::memcpy(out, body.data() + transfer.sent, length);
  transfer.sent += length;
  return length;
}

std::size_t write_answer(char* bytes, std::size_t size, std::size_t count, void* data) {
  auto& answer = static_cast<Transfer*>(data)->answer;
  if (answer.body.size() + size * count > kMaxAnswerBytes) return 0;  // ends the transfer
  answer.body.append(bytes, size * count);
  return size * count;
}

// unix:/run/nginx.sock:/tributary/config → the socket and http://localhost/tributary/config
void set_address(CURL* easy, const std::string& url) {
  if (!url.starts_with("unix:")) {
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    return;
  }
  const auto colon = url.find(':', 5);
  const auto socket = url.substr(5, colon == std::string::npos ? colon : colon - 5);
  const auto path = colon == std::string::npos ? "/" : url.substr(colon + 1);
  curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, socket.c_str());
  curl_easy_setopt(easy, CURLOPT_URL, ("http://localhost" + path).c_str());
}

void set_up(Transfer& transfer) {
  CURL* const easy = transfer.easy;
  set_address(easy, transfer.request.url);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // an edge is never behind the proxy of the environment
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 2'000L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(transfer.request.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, write_answer);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  for (const auto& header : transfer.request.headers) {
    transfer.headers = curl_slist_append(transfer.headers, header.c_str());
  }
  transfer.headers = curl_slist_append(transfer.headers, "Expect:");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers);
  if (!transfer.request.put) return;
  curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_body);
  curl_easy_setopt(easy, CURLOPT_READDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(transfer.request.body->size()));
}

}  // namespace

struct EdgeClient::Impl {
  CURLM* multi = curl_multi_init();
  std::map<CURL*, std::unique_ptr<Transfer>> running;

  void finish(CURL* easy, CURLcode result);
};

EdgeClient::EdgeClient() : impl_(std::make_unique<Impl>()) {
  if (impl_->multi == nullptr) throw std::runtime_error("cannot start libcurl");
}

EdgeClient::~EdgeClient() {
  for (auto& [easy, transfer] : impl_->running) curl_multi_remove_handle(impl_->multi, easy);
  impl_->running.clear();
  curl_multi_cleanup(impl_->multi);
}

void EdgeClient::start(EdgeRequest request, Done done) {
  auto transfer = std::make_unique<Transfer>();
  transfer->request = std::move(request);
  transfer->done = std::move(done);
  transfer->easy = curl_easy_init();
  if (transfer->easy == nullptr) throw std::runtime_error("cannot start a request: out of memory");
  set_up(*transfer);
  CURL* const easy = transfer->easy;
  impl_->running.emplace(easy, std::move(transfer));
  curl_multi_add_handle(impl_->multi, easy);
}

void EdgeClient::Impl::finish(CURL* easy, CURLcode result) {
  auto node = running.extract(easy);
  auto& transfer = *node.mapped();
  curl_multi_remove_handle(multi, easy);
  if (result == CURLE_OK) {
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &transfer.answer.status);
  } else {
    transfer.answer.error = transfer.error[0] != '\0' ? transfer.error : curl_easy_strerror(result);
  }
  transfer.done(std::move(transfer.answer));
}

void EdgeClient::wait(std::chrono::milliseconds limit) {
  int running = 0;
  curl_multi_perform(impl_->multi, &running);
  curl_multi_poll(impl_->multi, nullptr, 0, static_cast<int>(limit.count()), nullptr);
  curl_multi_perform(impl_->multi, &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(impl_->multi, &left)) {
    if (message->msg == CURLMSG_DONE) impl_->finish(message->easy_handle, message->data.result);
  }
}

void EdgeClient::wake() noexcept {
  curl_multi_wakeup(impl_->multi);
}

}  // namespace tributary::admin
