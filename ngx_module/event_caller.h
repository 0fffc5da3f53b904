#pragma once

#include <cstdint>
#include <string_view>

#include "core/customer_event/event_signature.h"
#include "core/snapshot/snapshot_view.h"
#include "ngx_module/ngx.h"

namespace tributary {

// Who calls the event API, as far as the request proves it.
struct EventCaller {
  enum class Verdict : std::uint8_t {
    known,
    unauthorised,  // no key, a wrong or ended one, no signature where one is asked for, or a wrong or old one
    inactive,
  } verdict = Verdict::unauthorised;
  const fbs::Advertiser* advertiser = nullptr;  // set when known; lives as long as the snapshot
  bool signed_call = false;
  SignatureDigest digest{};  // of a signed call: the same time and body have the same one, whatever else is sent
};

// The key comes in X-API-KEY, Api-Key or as a bearer token; `body` is signed as it came. Keys are compared by their
// SHA-256, signatures in constant time.
EventCaller find_event_caller(ngx_http_request_t* r, const SnapshotView& snapshot, std::string_view body,
                              std::uint64_t now_ms) noexcept;

}  // namespace tributary
