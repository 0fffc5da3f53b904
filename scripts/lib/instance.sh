# shellcheck shell=bash disable=SC2034,SC2154 # variables of an instance
# Where one quick-start instance lives and who runs it. Sets: dir, data, conf, keys, logs, run, port, service_user.

default_port=8080

# As root everything runs as a system user: PostgreSQL refuses root, and nothing else needs it.
choose_service_user() {
  service_user=$(id -un)
  [ "$(id -u)" -ne 0 ] || service_user=tributary
}

create_service_user() {
  id -u "$service_user" >/dev/null 2>&1 ||
    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$service_user"
}

# Before the user is made, what nobody may tells what it will be allowed.
as_service() {
  local user=$service_user
  if [ "$(id -u)" -eq 0 ]; then
    id -u "$user" >/dev/null 2>&1 || user=nobody
    setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups -- "$@"
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

# The first tmpfs that can be written to; none leaves `run` empty. Sockets live there too: their paths must be short.
choose_run_path() {
  local base
  run=
  for base in /dev/shm /run; do
    if [ "$(stat -f -c %T "$base" 2>/dev/null)" = tmpfs ] && [ -w "$base" ]; then
      run=$base/tributary-$(path_hash "$dir")
      return
    fi
  done
}

locate_instance() {
  choose_service_user
  choose_dir "$1" "$2"
  data=$dir/data
  conf=$dir/conf
  keys=$dir/keys
  logs=$dir/log
  choose_run_path
  port=$(cat "$dir/port" 2>/dev/null || echo "$default_port")
}

# The port comes first: it marks the directory as one of ours. A new instance takes over nothing in memory from one that
# was deleted here: an edge would go on serving the configuration of a database that is gone.
create_instance() {
  local folder
  [ -e "$data/postgres/PG_VERSION" ] || rm -rf "$run"
  mkdir -p "$dir"
  echo "$port" >"$dir/port"
  for folder in "$dir" "$dir/bin" "$conf" "$keys" "$logs" "$data" "$data/journal" "$data/snapshots" "$data/nginx" "$run"; do
    install -d -m 0750 "$folder"
    [ "$(id -u)" -ne 0 ] || chown "$service_user:" "$folder"
  done
  [ "$(id -u)" -ne 0 ] || chmod 0755 "$dir"
}

# One start or stop at a time in one checkout: they share its build tree. The lock ends with this process.
lock_checkout() {
  exec 9<"$1"
  flock -n 9 ||
    die "another scripts/quickstart is at work in $1: wait until it is done, or stop it with Ctrl-C where it runs"
}

unlock_checkout() { exec 9<&-; }
