#pragma once

#include <semaphore>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tributary::admin {

// Too many passwords are being hashed at this moment; a retry helps.
class PasswordBusy : public std::runtime_error {
 public:
  PasswordBusy() : std::runtime_error("too many logins at once") {}
};

inline constexpr std::size_t kMinPasswordLength = 10;
inline constexpr std::size_t kMaxPasswordLength = 256;

// argon2id with 64 MiB a hash, at most two at a time: memory stays bounded whoever knocks.
class PasswordHasher {
 public:
  PasswordHasher();
  std::string hash(std::string_view password);
  // An empty `stored` (no such user) costs the same time as a wrong password.
  bool matches(const std::string& stored, std::string_view password);

 private:
  std::counting_semaphore<2> slots_{2};
  std::string nobody_;
};

}  // namespace tributary::admin
