# shellcheck shell=bash disable=SC2154
# Unit tests of core, platform and the services: one cmocka program per *_test.cpp.

stage_unit() { run_ctest 'unit tests'; }

# run_ctest WHAT ARGUMENTS...: the unit tests of $build, or those that ctest's arguments choose.
run_ctest() {
  local what=$1
  shift
  say "$what"
  local log=$build/ctest.log
  ctest --test-dir "$build" --output-on-failure -j "$(nproc)" "$@" 2>&1 | tee "$log" || true
  local total bad
  total=$(sed -nE 's/.* tests failed out of ([0-9]+)$/\1/p' "$log" | tail -n 1)
  bad=$(sed -nE 's/.*, ([0-9]+) tests failed out of [0-9]+$/\1/p' "$log" | tail -n 1)
  if [ "${total:-0}" -eq 0 ]; then
    count 0 1 "$what (none ran)"
  else
    count $((total - bad)) "$bad" "$what"
  fi
}
