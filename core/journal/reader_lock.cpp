#include "core/journal/reader_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/named_file.h"
#include "core/journal/names.h"

namespace tributary {
namespace {

constexpr mode_t kMode = 0660;
constexpr int kMaxAttempts = 10;

}  // namespace

Result<ReaderLock, JournalError> ReaderLock::take(const std::string& journal_path, const JournalId& id) {
  std::string path = join_path(journal_path, reader_lock_name(id));
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, kMode));
    if (!fd.valid() || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      return journal_error(errno, "cannot lock journal", path);
    }
    ::fchmod(fd.get(), kMode);  // fails when another user made it with the same mode
    // It may have been removed by its last holder between our open and our lock.
    if (is_named(fd.get(), path)) return ReaderLock(std::move(fd), path);
  }
  return journal_error(EWOULDBLOCK, "cannot lock journal", path);
}

void ReaderLock::unlink() noexcept {
  ::unlink(path_.c_str());
}

}  // namespace tributary
