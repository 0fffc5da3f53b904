#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/snapshot/push.h"
#include "core/snapshot/push_keys.h"

// A header value from anyone. What is accepted must be exactly what sign_push would write for it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tributary;
  static const PushKeyPair keys = generate_push_keys();
  const std::string_view header(reinterpret_cast<const char*>(data), size);
  if (verify_push(header, {&keys.public_key, 1}, "edge", 1000).ok()) {
    std::abort();  // nobody can sign
  }
  // The same text as if it had been signed: now the parser decides.
  const std::size_t end = header.find("; signature=");
  PushEnvelope envelope;
  envelope.edge = "edge";
  envelope.generation = {static_cast<std::uint16_t>(size), size + 1};
  envelope.length = 1 + size;
  envelope.format = 1;
  envelope.expires_s = 2000;
  std::string signed_header = sign_push(envelope, keys.secret_key);
  if (!verify_push(signed_header, {&keys.public_key, 1}, "edge", 1000).ok()) {
    std::abort();
  }
  if (end != std::string_view::npos) {
    signed_header.replace(0, signed_header.find("; signature="), header.substr(0, end));
    (void)verify_push(signed_header, {&keys.public_key, 1}, "edge", 1000);
  }
  return 0;
}
