# shellcheck shell=bash disable=SC2034,SC2154 # variables of an instance: see instance.sh
# Builds the programs in build/ and copies them to the instance, so that building again never touches what runs.

programs=(ngx_http_tributary_module.so tributary-ingestor tributary-admin)

build_programs() {
  local root=$1 build=$2 jobs=()
  step "building (the first time takes some minutes)"
  if [ ! -e "$build/build.ninja" ]; then
    cmake -S "$root" -B "$build" -G Ninja -DTRIBUTARY_TESTS=OFF >"$build.log" 2>&1 ||
      { tail -n 20 "$build.log" >&2; die "configuring failed: $build.log"; }
    rm -f "$build.log"
  fi
  # A compiler takes up to 1 GB: two at once on small machines.
  [ "$(awk '/^MemAvailable/ {print int($2 / 1048576)}' /proc/meminfo)" -ge "$(nproc)" ] || jobs=(-j1)
  NINJA_STATUS='[%f/%t %es] ' ninja "${jobs[@]}" -C "$build" \
    ngx_http_tributary_module tributary-ingestor tributary-admin | show_progress ||
    die "building failed"
}

# On a terminal one line that changes; in a log every twentieth.
show_progress() {
  if [ -t 2 ]; then
    sed -u 's/^\(\[[^]]*\]\) .*\/\([^/]*\)$/\1 \2/' | while IFS= read -r line; do
      case $line in
        '['*) printf '\r\033[K%.100s' "$line" >&2 ;;
        *) printf '\n%s\n' "$line" >&2 ;;
      esac
    done
    printf '\r\033[K' >&2
  else
    awk '/^\[/ { if (++n % 20 == 0) print; fflush(); next } { print; fflush() }' >&2
  fi
}

# Prints the programs that are new or have changed.
install_programs() {
  local build=$1 name
  for name in "${programs[@]}"; do
    cmp -s "$build/bin/$name" "$dir/bin/$name" && continue
    install -m 0755 "$build/bin/$name" "$dir/bin/.$name"
    mv "$dir/bin/.$name" "$dir/bin/$name"
    echo "$name"
  done
}
