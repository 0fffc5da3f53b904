#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "admin-api/commands/commands.h"
#include "admin-api/text/random_text.h"
#include "core/snapshot/push_keys.h"

namespace tributary::admin {
namespace {

// Never over an existing file: a lost key cannot be brought back.
void write_new_file(const std::string& path, const std::string& content, unsigned mode) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) throw std::runtime_error("cannot create " + path + ": " + std::strerror(errno));
  const auto written = write(fd, content.data(), content.size());
  const bool right = written == static_cast<ssize_t>(content.size()) && fsync(fd) == 0;
  close(fd);
  if (!right) throw std::runtime_error("cannot write " + path);
}

}  // namespace

int generate_keys(const std::string& directory) {
  std::filesystem::create_directories(directory);
  const auto keys = generate_push_keys();
  write_new_file(directory + "/push.key", push_key_text(keys.secret_key), 0600);
  write_new_file(directory + "/push.pub", push_key_text(keys.public_key), 0644);
  write_new_file(directory + "/jwt.secret", random_base62(64) + "\n", 0600);
  std::cout << "wrote push.key, push.pub and jwt.secret to " << directory << "\n";
  return 0;
}

}  // namespace tributary::admin
