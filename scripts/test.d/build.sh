# shellcheck shell=bash
# One build tree for everything: programs, module, unit tests.

build_all() {
  cmake -S "$root" -B "$build" -G Ninja ${TRIBUTARY_CMAKE_ARGUMENTS:-} >"$build.configure.log" 2>&1 || {
    cat "$build.configure.log"
    return 1
  }
  rm -f "$build.configure.log"
  nice ninja -C "$build"
}
