#pragma once

#include "core/visitor/address_keys.h"
#include "ngx_module/conf.h"

namespace tributary {

// What becomes of addresses before they are written, as `tributary_address_privacy` says. Belongs to one worker.
class AddressMask {
 public:
  explicit AddressMask(const MainConf& conf) noexcept;

  bool keeps() const noexcept { return privacy_ == AddressPrivacy::keep; }
  // The address as it may be written or passed on: itself, or bytes in `out`.
  AddressBytes shown(AddressBytes address, std::uint64_t now_ms, std::span<std::uint8_t, 16> out) noexcept;

 private:
  AddressPrivacy privacy_;
  AddressKeys keys_;
};

char* address_privacy_directive(ngx_conf_t* cf, ngx_command_t* cmd, void* conf) noexcept;

}  // namespace tributary
