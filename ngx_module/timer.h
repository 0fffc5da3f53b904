#pragma once

#include "ngx_module/ngx.h"

namespace tributary {

// A repeated call on the event loop that keeps no exiting worker alive.
class Timer {
 public:
  using Tick = void (*)(void* owner);

  ~Timer() { stop(); }

  void start(ngx_log_t* log, ngx_msec_t every_ms, Tick tick, void* owner) noexcept {
    every_ms_ = every_ms;
    tick_ = tick;
    owner_ = owner;
    event_ = ngx_event_t{};
    event_.data = this;
    event_.log = log;
    event_.cancelable = 1;
    event_.handler = on_timer;
    ngx_add_timer(&event_, every_ms_);
  }

  void stop() noexcept {
    if (event_.timer_set) ngx_del_timer(&event_);
  }

 private:
  static void on_timer(ngx_event_t* event) noexcept {
    auto* timer = static_cast<Timer*>(event->data);
    timer->tick_(timer->owner_);
    ngx_add_timer(event, timer->every_ms_);
  }

  ngx_event_t event_{};
  ngx_msec_t every_ms_ = 0;
  Tick tick_ = nullptr;
  void* owner_ = nullptr;
};

}  // namespace tributary
