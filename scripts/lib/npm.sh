# shellcheck shell=bash
# Packages of the npm registry as data: named, pinned, checked, unpacked; none of their scripts ever runs.

npm_registry=${TRIBUTARY_NPM_REGISTRY:-https://registry.npmjs.org}

# npm_integrity FILE: what npm calls its integrity.
npm_integrity() {
  python3 - "$1" <<'PYTHON'
import base64, hashlib, pathlib, sys
print("sha512-" + base64.b64encode(hashlib.sha512(pathlib.Path(sys.argv[1]).read_bytes()).digest()).decode())
PYTHON
}

# fetch_npm_package NAME@VERSION INTEGRITY DIR: unpacks the package into DIR, or fails and leaves nothing.
fetch_npm_package() {
  local spec=$1 integrity=$2 into=$3 name version archive
  name=${spec%@*}
  version=${spec##*@}
  archive=$(mktemp)
  if ! curl -fsSL --retry 2 --connect-timeout 10 --max-time 300 -o "$archive" \
    "$npm_registry/$name/-/${name##*/}-$version.tgz"; then
    rm -f "$archive"
    warn "$spec could not be fetched from $npm_registry"
    return 1
  fi
  if [ "$(npm_integrity "$archive")" != "$integrity" ]; then
    rm -f "$archive"
    warn "$spec is not what was expected: its checksum differs"
    return 1
  fi
  mkdir -p "$into"
  tar xzf "$archive" -C "$into" --strip-components 1 --no-same-owner
  rm -f "$archive"
}
