# shellcheck shell=bash
# What the scripts say. Progress and errors go to stderr: stdout belongs to results.

step() { printf '%s %s\n' "==>" "$*" >&2; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# wait_until SECONDS WHAT COMMAND...: asks until the command succeeds, or dies naming what did not happen.
wait_until() {
  local seconds=$1 what=$2 deadline
  shift 2
  deadline=$((SECONDS + seconds))
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || die "$what did not happen within $seconds s; see ${logs:-the logs}"
    sleep 0.1
  done
}
