#pragma once

#include <string>

#include "core/base/fd.h"
#include "core/base/result.h"
#include "core/journal/format.h"
#include "core/journal/journal_error.h"

namespace tributary {

// The right to read one journal: flock on `<uuid>.reader`. Released by the kernel however the holder ends.
class ReaderLock {
 public:
  static Result<ReaderLock, JournalError> take(const std::string& journal_path, const JournalId& id);

  // Removes the file, for a journal that is gone. The lock is held on.
  void unlink() noexcept;

 private:
  ReaderLock(Fd fd, std::string path) noexcept : fd_(std::move(fd)), path_(std::move(path)) {}
  Fd fd_;
  std::string path_;
};

}  // namespace tributary
