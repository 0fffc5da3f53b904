# shellcheck shell=bash disable=SC2154
# Unit tests of core, platform and the services: one cmocka program per *_test.cpp.

stage_unit() {
  say 'unit tests'
  local log=$build/ctest.log
  ctest --test-dir "$build" --output-on-failure -j "$(nproc)" 2>&1 | tee "$log" || true
  local total bad
  total=$(sed -nE 's/.* tests failed out of ([0-9]+)$/\1/p' "$log" | tail -n 1)
  bad=$(sed -nE 's/.*, ([0-9]+) tests failed out of [0-9]+$/\1/p' "$log" | tail -n 1)
  if [ "${total:-0}" -eq 0 ]; then
    count 0 1 'unit tests (none ran)'
  else
    count $((total - bad)) "$bad" 'unit tests'
  fi
}
