#pragma once

#include <string>

#include "core/snapshot/push.h"

namespace tributary::tools {

struct PushKeys {
  PushPublicKey public_key{};
  PushSecretKey secret_key{};
};

// Text form of a key: "ed25519:" and base64. This is what tributary_config_key reads for the public half.
std::string key_text(const unsigned char* key, std::size_t length);

// The pair kept in `<dir>/push.key` (0600) and `<dir>/push.pub`; made when there is none yet.
PushKeys load_or_make_keys(const std::string& dir);

}  // namespace tributary::tools
