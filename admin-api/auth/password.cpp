#include "admin-api/auth/password.h"

#include <sodium.h>

#include <chrono>

namespace tributary::admin {
namespace {

class Slot {
 public:
  explicit Slot(std::counting_semaphore<2>& slots) : slots_(slots) {
    if (!slots_.try_acquire_for(std::chrono::seconds(3))) throw PasswordBusy();
  }
  ~Slot() { slots_.release(); }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

 private:
  std::counting_semaphore<2>& slots_;
};

std::string hash_now(std::string_view password) {
  char out[crypto_pwhash_STRBYTES];
  if (crypto_pwhash_str(out, password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
    throw std::runtime_error("cannot hash a password: out of memory");
  }
  return out;
}

}  // namespace

PasswordHasher::PasswordHasher() : nobody_(hash_now("nobody has this password")) {}

std::string PasswordHasher::hash(std::string_view password) {
  const Slot slot(slots_);
  return hash_now(password);
}

bool PasswordHasher::matches(const std::string& stored, std::string_view password) {
  const Slot slot(slots_);
  const bool right = crypto_pwhash_str_verify(stored.empty() ? nobody_.c_str() : stored.c_str(), password.data(),
                                              password.size()) == 0;
  return right && !stored.empty();
}

}  // namespace tributary::admin
