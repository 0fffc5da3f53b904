#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace tributary {

// For tests: a run path and a journal path of their own, removed at the end. On tmpfs where there is one.
class TestDirectories {
 public:
  TestDirectories() {
    std::string pattern =
        std::filesystem::exists("/dev/shm") ? "/dev/shm/journal-test-XXXXXX" : "/tmp/journal-test-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directory(run());
    std::filesystem::create_directory(journal());
  }
  ~TestDirectories() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  TestDirectories(const TestDirectories&) = delete;
  TestDirectories& operator=(const TestDirectories&) = delete;

  std::string run() const { return root_ + "/run"; }
  std::string journal() const { return root_ + "/journal"; }

 private:
  std::string root_;
};

}  // namespace tributary
