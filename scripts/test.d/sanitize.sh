# shellcheck shell=bash disable=SC2154
# The programs and the module under sanitizers, each set in a tree of its own beside the main one: DIR-address, DIR-thread.
# Threads are where core's journal and the ingestor have them, so that tree holds only these.

stage_sanitize() {
  sanitize_address
  sanitize_threads
}

sanitize_address() {
  local build=$build-address before=$failed
  check 'build with the address and undefined behaviour sanitizers' build_all -DTRIBUTARY_SANITIZE=address,undefined
  [ "$failed" -eq "$before" ] || return 0
  run_ctest 'unit tests, address and undefined'
  # One at a time: everything takes two to three times as long, and the tests have deadlines.
  run_pytest 'end-to-end tests, address and undefined' -v -m 'not slow and not alone and not soak'
}

sanitize_threads() {
  local build=$build-thread before=$failed
  check 'build with the thread sanitizer' build_threaded
  [ "$failed" -eq "$before" ] || return 0
  run_ctest 'unit tests, thread' -R '^(core|platform|ingestor)_'
}

build_threaded() {
  configure -DTRIBUTARY_SANITIZE=thread -DTRIBUTARY_MODULE=OFF -DTRIBUTARY_TOOLS=OFF &&
    nice ninja -C "$build" core/all platform/all ingestor/all
}
