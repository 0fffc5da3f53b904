# shellcheck shell=bash disable=SC2034,SC2154 # variables of an instance: see instance.sh
# Where one quick-start instance lives and who runs it. Sets: dir, data, conf, keys, logs, run, port, service_user.

default_port=8080

# As root everything runs as a system user: PostgreSQL refuses root, and nothing else needs it.
choose_service_user() {
  service_user=$(id -un)
  if [ "$(id -u)" -eq 0 ]; then
    service_user=tributary
    id -u "$service_user" >/dev/null 2>&1 ||
      useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$service_user"
  fi
}

as_service() {
  if [ "$(id -u)" -eq 0 ]; then
    setpriv --reuid "$service_user" --regid "$service_user" --clear-groups -- "$@"
  else
    "$@"
  fi
}

# A service user cannot enter a checkout below /root; then the instance lives in /var/lib.
choose_dir() {
  local root=$1 asked=$2
  if [ -n "$asked" ]; then
    dir=$(realpath -m "$asked")
  elif as_service test -x "$root"; then
    dir=$root/var
  else
    dir=/var/lib/tributary-$(path_hash "$root")
  fi
}

path_hash() { printf '%s' "$1" | sha256sum | cut -c1-12; }

# The first tmpfs that the service user can write to. Sockets live there too: their paths must be short.
choose_run_path() {
  local base
  for base in /dev/shm /run; do
    if [ "$(stat -f -c %T "$base" 2>/dev/null)" = tmpfs ] && { [ "$(id -u)" -eq 0 ] || [ -w "$base" ]; }; then
      run=$base/tributary-$(path_hash "$dir")
      return
    fi
  done
  run=$dir/run
  no_tmpfs=yes
}

locate_instance() {
  choose_service_user
  choose_dir "$1" "$2"
  data=$dir/data
  conf=$dir/conf
  keys=$dir/keys
  logs=$dir/log
  no_tmpfs=
  choose_run_path
  port=$(cat "$dir/port" 2>/dev/null || echo "$default_port")
}

create_instance() {
  local folder
  mkdir -p "$dir" 2>/dev/null || die "cannot create $dir: choose another place with --dir"
  [ -z "$no_tmpfs" ] || warn "no writable tmpfs (/dev/shm, /run): rings are kept on disk in $run, which is slower"
  for folder in "$dir" "$dir/bin" "$conf" "$keys" "$logs" "$data" "$data/journal" "$data/snapshots" "$data/nginx" "$run"; do
    install -d -m 0750 "$folder"
    [ "$(id -u)" -ne 0 ] || chown "$service_user:" "$folder"
  done
  [ "$(id -u)" -ne 0 ] || chmod 0755 "$dir"
  as_service test -w "$data" || die "user $service_user cannot write to $data: choose another place with --dir"
  echo "$port" >"$dir/port"
}

require_disk() {
  local path=$1 megabytes=$2 free
  while [ ! -e "$path" ]; do path=$(dirname "$path"); done
  free=$(($(stat -f -c '%a * %S' "$path") / 1048576))
  [ "$free" -ge "$megabytes" ] || die "$path has $free MB free, $megabytes MB are needed: make room or use --dir"
}

require_free_port() {
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    die "port $port is in use: stop the other program or choose another with --port N"
  fi
}
