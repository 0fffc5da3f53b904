# shellcheck shell=bash disable=SC2154
# Lint and fuzzing need a processor and nothing else; the end-to-end tests mostly wait. When both are to run, the former
# run beside the latter, at the lowest priority; what they say is shown when they are done.

beside=()      # stages that run beside the end-to-end tests
beside_pid=''  # the shell that runs them, and its process group

# take_beside: moves lint and fuzz from $stages to $beside if there are end-to-end tests to run beside.
take_beside() {
  [[ " ${stages[*]} " == *' e2e '* ]] || return 0
  local stage rest=()
  for stage in "${stages[@]}"; do
    case $stage in
      lint | fuzz) beside+=("$stage") ;;
      *) rest+=("$stage") ;;
    esac
  done
  stages=("${rest[@]}")
}

start_beside() {
  [ ${#beside[@]} -gt 0 ] || return 0
  set -m  # a process group of its own, which can be stopped as a whole
  run_beside >"$build/beside.log" 2>&1 &
  set +m
  beside_pid=$!
  trap 'kill -- "-$beside_pid" 2>/dev/null || true' EXIT
}

run_beside() {
  renice -n 19 -p "$BASHPID" >/dev/null
  passed=0 failed=0 complaints=()
  local stage
  for stage in "${beside[@]}"; do "stage_$stage"; done
  printf '%s\n' "$passed" "$failed" "${complaints[@]}" >"$build/beside.counts"
}

# join_beside: waits for them, shows their output and adds their counts; once.
join_beside() {
  [ -n "$beside_pid" ] || return 0
  say "waiting for ${beside[*]}"
  local result=0 counts
  wait "$beside_pid" || result=$?
  beside_pid=''
  trap - EXIT
  cat "$build/beside.log"
  if [ "$result" -ne 0 ]; then
    count 0 1 "${beside[*]} (ended with $result)"
    return 0
  fi
  mapfile -t counts <"$build/beside.counts"
  passed=$((passed + counts[0]))
  failed=$((failed + counts[1]))
  complaints+=("${counts[@]:2}")
}
