# shellcheck shell=bash disable=SC2154
# Every fuzz target for a few seconds over its corpus (corpus/<target>/ beside its source), one on each processor.

build_fuzz() { nice ninja -C "$build" fuzz; }

stage_fuzz() {
  say 'fuzz'
  local target targets=("$build"/fuzz/fuzz/*_fuzz)
  export -f fuzz_target
  export root build fuzz_seconds
  # shellcheck disable=SC2016 # the inner shell expands it
  printf '%s\n' "${targets[@]}" |
    xargs -P "$(nproc)" -n 1 bash -c 'fuzz_target "$1" >"$1.log" 2>&1; echo $? >"$1.result"' _
  for target in "${targets[@]}"; do
    check "fuzz ${target##*/}" fuzz_result "$target"
  done
}

fuzz_target() {
  local target=$1 name work seeds
  name=${target##*/}
  work=$(mktemp -d)
  mapfile -t seeds < <(find "$root"/{core,platform,admin-api} -type d -path "*/corpus/$name")
  # New inputs go to the first directory, a temporary one; a crash is kept beside the build tree.
  "$target" -max_total_time="$fuzz_seconds" -timeout=60 -rss_limit_mb=2048 -verbosity=0 -print_final_stats=1 \
    -artifact_prefix="$build/$name-" "$work" "${seeds[@]}"
  local result=$?
  rm -rf "$work"
  return "$result"
}

fuzz_result() {
  tail -n 12 "$1.log"
  [ "$(cat "$1.result")" = 0 ]
}
