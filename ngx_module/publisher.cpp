#include "ngx_module/publisher.h"

#include <sodium.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>

#include "core/base/helper_thread.h"
#include "core/state/shared_state.h"
#include "ngx_module/overlay_publication.h"
#include "ngx_module/worker.h"

namespace tributary {
namespace {

constexpr unsigned kKeepGenerations = 3;
constexpr auto kStopPatience = std::chrono::milliseconds(500);
constexpr std::size_t kReadBytes = 256 * 1024;

Generation current_version(PushKind kind, const SharedState& state) noexcept {
  return kind == PushKind::overlay ? state.overlay().version() : unpack_generation(state.published());
}

// Why the file is not what the envelope signed; empty when it is.
std::string compare_with_envelope(const PushJob& job) {
  crypto_hash_sha256_state hash;
  crypto_hash_sha256_init(&hash);
  std::vector<unsigned char> block(kReadBytes);
  std::uint64_t length = 0;
  ssize_t n;
  while ((n = pread(job.file.get(), block.data(), block.size(), static_cast<off_t>(length))) > 0) {
    crypto_hash_sha256_update(&hash, block.data(), static_cast<unsigned long long>(n));
    length += static_cast<std::uint64_t>(n);
  }
  if (n < 0) return "the spooled body cannot be read";
  std::array<std::uint8_t, 32> sha256;
  crypto_hash_sha256_final(&hash, sha256.data());
  if (length != job.length) {
    return "the body has " + std::to_string(length) + " bytes, the header says " + std::to_string(job.length);
  }
  if (sha256 != job.sha256) return "the SHA-256 of the body is not the one in the header";
  return {};
}

}  // namespace

void Publisher::start(ngx_cycle_t* cycle, std::string snapshot_path, std::string run_path,
                      const std::string& journal_path, SharedState& state) {
  cycle_ = cycle;
  snapshot_path_ = std::move(snapshot_path);
  run_path_ = std::move(run_path);
  state_ = &state;
  caps_.emplace(run_path_, journal_path);
}

void Publisher::stop() noexcept {
  waiting_ = nullptr;
  watch_.stop();
  if (!thread_.joinable()) return;
  const auto deadline = std::chrono::steady_clock::now() + kStopPatience;
  while (!done_.load(std::memory_order_acquire) && std::chrono::steady_clock::now() < deadline) usleep(1000);
  // Publishing is a rename at its end, so a process may end in the middle; waiting longer would only earn a SIGKILL.
  if (done_.load(std::memory_order_acquire)) {
    thread_.join();
  } else {
    _exit(0);
  }
}

void Publisher::publish(PushJob job, WaitingPush* push) {
  if (wake_.get() < 0) {
    wake_ = Fd(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (wake_.get() < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  }
  if (!watch_.active() && !watch_.start(cycle_, wake_.get(), on_done, this)) {
    throw std::runtime_error("no connection to spare for a push: raise worker_connections");
  }
  ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(push->request->pool, 0);
  if (cleanup == nullptr) throw std::bad_alloc();
  cleanup->handler = on_pool_destroyed;
  cleanup->data = push;

  done_.store(false, std::memory_order_relaxed);
  const SignalsBlocked blocked;
  thread_ = std::thread([this, job = std::move(job)] { run(job); });
  waiting_ = push;
}

void Publisher::run(const PushJob& job) noexcept {
  reset_affinity();
  try {
    result_ = publish_file(job);
  } catch (const std::exception& e) {
    result_ = {SnapshotStore::Outcome::io_error, current_version(job.kind, *state_), e.what()};
  }
  done_.store(true, std::memory_order_release);
  const std::uint64_t one = 1;
  (void)!write(wake_.get(), &one, sizeof one);
}

SnapshotStore::PublishResult Publisher::publish_file(const PushJob& job) {
  std::string mismatch = compare_with_envelope(job);
  if (!mismatch.empty()) {
    return {SnapshotStore::Outcome::refused, current_version(job.kind, *state_), std::move(mismatch)};
  }
  if (job.kind == PushKind::overlay) return publish_overlay(job, *state_, *caps_);
  SnapshotStore store(snapshot_path_, run_path_);
  auto result = store.publish(job.file.get(), job.generation, *state_);
  if (result.outcome == SnapshotStore::Outcome::published) store.prune(result.current, kKeepGenerations);
  return result;
}

void Publisher::on_done(void* opaque) noexcept {
  auto* self = static_cast<Publisher*>(opaque);
  if (!self->thread_.joinable() || !self->done_.load(std::memory_order_acquire)) return;
  self->thread_.join();
  WaitingPush* push = std::exchange(self->waiting_, nullptr);
  if (push == nullptr) return;
  ngx_connection_t* connection = push->request->connection;
  push->resume(*push, self->result_);
  ngx_http_run_posted_requests(connection);
}

void Publisher::on_pool_destroyed(void* push) noexcept {
  Worker* self = worker();
  if (self != nullptr && self->publisher().waiting_ == push) self->publisher().waiting_ = nullptr;
}

}  // namespace tributary
