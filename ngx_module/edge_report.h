#pragma once

#include "ngx_module/text/report.h"

namespace tributary {

// This edge as it is now, seen from this worker. Throws.
EdgeReport edge_report();

}  // namespace tributary
