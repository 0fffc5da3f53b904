#pragma once

#include <string>

#include "core/base/result.h"
#include "core/snapshot/push.h"

// Keys of pushes as text files: one line `ed25519:<base64>`, 32 bytes for a public key, 64 for a secret one.
namespace tributary {

// The error says which file and what is wrong with it.
Result<PushPublicKey, std::string> read_push_public_key(const std::string& path);
Result<PushSecretKey, std::string> read_push_secret_key(const std::string& path);

struct PushKeyPair {
  PushPublicKey public_key;
  PushSecretKey secret_key;
};
PushKeyPair generate_push_keys();

// With the newline that ends the file.
std::string push_key_text(const PushPublicKey& key);
std::string push_key_text(const PushSecretKey& key);

}  // namespace tributary
