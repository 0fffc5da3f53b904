#pragma once

#include <filesystem>
#include <string>

#include "core/base/test_directory.h"

namespace tributary {

// For tests: a run path and a journal path of their own, removed at the end. On tmpfs where there is one.
class TestDirectories {
 public:
  TestDirectories() {
    std::filesystem::create_directory(run());
    std::filesystem::create_directory(journal());
  }

  std::string run() const { return root_.path() + "/run"; }
  std::string journal() const { return root_.path() + "/journal"; }

 private:
  TestDirectory root_{std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp"};
};

}  // namespace tributary
