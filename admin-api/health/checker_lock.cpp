#include "admin-api/health/checker_lock.h"

namespace tributary::admin {

bool CheckerLock::hold() {
  try {
    if (!connection_ || !connection_->usable()) {
      held_ = false;
      connection_.emplace(options_);
    }
    if (held_) {
      connection_->execute("SELECT 1");
    } else {
      held_ = connection_->execute("SELECT pg_try_advisory_lock(hashtext('tributary.health'))").boolean(0, 0);
    }
    return held_;
  } catch (...) {
    connection_.reset();
    held_ = false;
    throw;
  }
}

}  // namespace tributary::admin
