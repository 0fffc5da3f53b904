# shellcheck shell=bash disable=SC2154
# End-to-end tests: several at a time, the long ones last so that no file holds up the end. What measures a time has the
# machine for itself, when everything else is done.

python=/usr/bin/python3

# sum_of WORD LINE: "3 failed, 2 errors" gives 5 for '(failed|error)', and 0 for a word that is not there.
sum_of() {
  { grep -oE "[0-9]+ $1" <<<"$2" || true; } | awk '{n += $1} END {print n + 0}'
}

run_pytest() {
  local what=$1
  shift
  say "$what"
  local log=$build/pytest.log result=0
  local last good bad
  TRIBUTARY_BUILD=$build "$python" -m pytest -c t/pyproject.toml --rootdir t t "$@" "${pytest_arguments[@]}" 2>&1 |
    tee "$log" || result=$?
  last=$(tail -n 1 "$log")
  good=$(sum_of 'passed' "$last")
  bad=$(sum_of '(failed|error)' "$last")
  # A crash, a wrong argument or an empty selection is a failure too.
  if [ "$result" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
  count "$good" "$bad" "$what"
}

stage_e2e() {
  start_beside
  run_pytest 'end-to-end tests' -q -n "$(nproc)" --dist loadfile -m 'not slow and not alone and not soak'
  run_pytest 'long end-to-end tests' -v -n "$(nproc)" --dist loadgroup -m 'slow and not alone and not soak'
  join_beside
  run_pytest 'end-to-end tests, one at a time' -v -m 'alone and not soak'
}

stage_soak() {
  run_pytest "soak, $kills kills, $pushes pushes, $postbacks postbacks" -v -s -m soak --soak \
    --kills "$kills" --pushes "$pushes" --postbacks "$postbacks"
}
