#pragma once

namespace tributary::ingest {

// Development builds kill the process here (SIGKILL) when TRIBUTARY_INGESTOR_CRASH_AT names this point: before_copy,
// after_copy, before_commit or after_commit of a batch, events_decided, reattribution_applied, outbound_claimed or
// outbound_answered. Release builds contain nothing of it.
#ifdef TRIBUTARY_CRASH_POINTS
void crash_point(const char* name) noexcept;
#else
inline void crash_point(const char*) noexcept {}
#endif

}  // namespace tributary::ingest
