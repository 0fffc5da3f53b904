#include "core/journal/directory_id.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "core/base/fd.h"
#include "core/base/whole_file.h"
#include "core/journal/disk.h"
#include "core/journal/names.h"

namespace tributary {
namespace {

constexpr mode_t kMode = 0644;  // no secret

// Complete and durable before it gets its name; whoever comes second uses the first one's.
void make(const std::string& journal_path, const std::string& path) {
  std::string temporary = path + ".XXXXXX";
  const Fd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd.valid()) return;
  const std::string text = journal_id_text(random_journal_id()) + '\n';
  Disk& disk = posix_disk();
  if (disk.write(fd.get(), text, 0) == 0 && ::fchmod(fd.get(), kMode) == 0 && disk.sync(fd.get()) == 0) {
    (void)::link(temporary.c_str(), path.c_str());
  }
  ::unlink(temporary.c_str());
  disk.sync_directory(journal_path);
}

std::optional<DirectoryId> read(const std::string& path) {
  const auto text = read_whole_file(path);
  return text ? parse_journal_id(std::string_view(*text).substr(0, kJournalIdTextSize)) : std::nullopt;
}

}  // namespace

std::optional<DirectoryId> directory_id(const std::string& journal_path) {
  const std::string path = join_path(journal_path, kDirectoryIdName);
  if (const auto id = read(path)) return id;
  make(journal_path, path);
  return read(path);
}

}  // namespace tributary
