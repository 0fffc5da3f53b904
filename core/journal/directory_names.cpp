#include "core/journal/directory_names.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "core/journal/names.h"

namespace tributary {

int list_directory(const std::string& path, std::vector<std::string>& names) {
  names.clear();
  struct Close {
    void operator()(DIR* directory) const noexcept { ::closedir(directory); }
  };
  std::unique_ptr<DIR, Close> directory(::opendir(path.c_str()));
  if (directory == nullptr) return errno == ENOENT ? 0 : errno;
  errno = 0;
  while (const dirent* entry = ::readdir(directory.get())) {  // NOLINT(concurrency-mt-unsafe): a stream of our own
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  if (errno != 0) return errno;
  std::sort(names.begin(), names.end());
  return 0;
}

void remove_temporaries(const std::string& directory, const JournalId& id) {
  std::vector<std::string> names;
  list_directory(directory, names);
  for (const std::string& name : names) {
    if (name.starts_with(journal_id_text(id) + '.') && name.ends_with(".tmp")) {
      ::unlink(join_path(directory, name).c_str());
    }
  }
}

}  // namespace tributary
