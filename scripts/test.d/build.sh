# shellcheck shell=bash disable=SC2154
# One build tree for everything: programs, module, unit tests.

# configure OPTIONS...: make $build a build tree, or bring it up to date.
configure() {
  cmake -S "$root" -B "$build" -G Ninja -DTRIBUTARY_TESTS=ON "$@" >"$build.configure.log" 2>&1 || {
    cat "$build.configure.log"
    return 1
  }
  rm -f "$build.configure.log"
}

build_all() { configure "$@" && nice ninja -C "$build"; }
