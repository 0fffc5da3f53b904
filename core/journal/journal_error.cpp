#include "core/journal/journal_error.h"

#include <cerrno>
#include <system_error>

namespace tributary {
namespace {

JournalError::Code code_of(int system_error) noexcept {
  switch (system_error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return JournalError::Code::no_space;
    case EACCES:
    case EPERM:
    case EROFS: return JournalError::Code::permission;
    case EWOULDBLOCK: return JournalError::Code::busy;
    default: return JournalError::Code::io;
  }
}

const char* advice(JournalError::Code code) noexcept {
  switch (code) {
    case JournalError::Code::no_space: return "; free space there or give it less to hold";
    case JournalError::Code::permission: return "; let the user of this process read and write there";
    case JournalError::Code::busy: return "; another process has it";
    default: return "";
  }
}

}  // namespace

JournalError journal_error(int system_error, const std::string& what, const std::string& path) {
  JournalError::Code code = code_of(system_error);
  std::string reason = std::system_category().message(system_error);
  return {code, system_error, what + ' ' + path + ": " + reason + advice(code)};
}

}  // namespace tributary
