#include "admin-api/snapshot/edge_state.h"

#include <algorithm>

namespace tributary::admin {
namespace {

constexpr std::chrono::milliseconds kFirstPause{200};
constexpr std::chrono::milliseconds kWorkersPause{20};  // workers take a new generation within moments

}  // namespace

EdgeState::Step EdgeState::next(Generation newest, Clock::time_point now) {
  if (busy_) return Step::nothing;
  const bool behind = known_ && has_ < newest;
  if (!behind && now < due_) return Step::nothing;
  busy_ = true;
  return behind ? Step::push : Step::ask;
}

void EdgeState::answered(Generation has, bool all_workers, Clock::time_point now) {
  if (has < pushed_) {
    pushed_ = {};  // it may have lost its state since; if not, the pauses keep us from pushing without end
    return failed("the edge took a push but shows an older generation", now);
  }
  busy_ = false;
  known_ = true;
  const bool news = has != has_;
  has_ = has;
  all_workers_ = all_workers;
  if (all_workers) {
    failures_ = 0;
    unconfirmed_ = 0;
    last_error_.clear();
    due_ = now + check_interval_;
    return;
  }
  // Workers that take long are asked less and less often.
  if (news) unconfirmed_ = 0;
  due_ = now + std::min<std::chrono::milliseconds>(kWorkersPause * (1 << unconfirmed_), check_interval_);
  unconfirmed_ = std::min(unconfirmed_ + 1, 10u);
}

void EdgeState::pushed(Generation generation, Clock::time_point now) {
  busy_ = false;
  has_ = generation;
  pushed_ = generation;
  all_workers_ = false;
  last_error_.clear();
  unconfirmed_ = 0;
  due_ = now;
}

void EdgeState::failed(std::string why, Clock::time_point now) {
  busy_ = false;
  known_ = false;
  ++failures_;
  last_error_ = std::move(why);
  due_ = now + pause_after_failures();
}

void EdgeState::start_over() noexcept {
  has_ = {};
  pushed_ = {};
}

std::chrono::milliseconds EdgeState::pause_after_failures() const noexcept {
  return std::min(longest_pause_, kFirstPause * (1 << std::min(failures_ - 1, 12u)));
}

}  // namespace tributary::admin
