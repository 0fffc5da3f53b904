#include "ingestor/store/crash_point.h"

#ifdef TRIBUTARY_CRASH_POINTS
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace tributary::ingest {

void crash_point(const char* name) noexcept {
  static const char* const wanted = std::getenv("TRIBUTARY_INGESTOR_CRASH_AT");  // NOLINT(concurrency-mt-unsafe)
  if (wanted != nullptr && std::strcmp(wanted, name) == 0) std::raise(SIGKILL);
}

}  // namespace tributary::ingest
#endif
