# shellcheck shell=bash disable=SC2154
# Every fuzz target for a few seconds over its corpus (corpus/<target>/ beside its source).

stage_fuzz() {
  say 'build the fuzz targets'
  if ! nice ninja -C "$build" fuzz; then
    count 0 1 'building the fuzz targets'
    return
  fi
  local target
  for target in "$build"/fuzz/fuzz/*_fuzz; do
    check "fuzz ${target##*/}" fuzz_target "$target"
  done
}

fuzz_target() {
  local target=$1 name work seeds
  name=${target##*/}
  work=$(mktemp -d)
  mapfile -t seeds < <(find "$root"/{core,platform,admin-api} -type d -path "*/corpus/$name")
  # New inputs go to the first directory, a temporary one; a crash is kept beside the build tree.
  "$target" -max_total_time="$fuzz_seconds" -timeout=10 -rss_limit_mb=2048 -verbosity=0 -print_final_stats=1 \
    -artifact_prefix="$build/$name-" "$work" "${seeds[@]}" 2>&1 | tail -n 12
  local result=${PIPESTATUS[0]}
  rm -rf "$work"
  return "$result"
}
