# shellcheck shell=bash disable=SC2154 # variables of an instance: see instance.sh
# What must hold before anything is installed, built or written. Each check says what it saw and what to do about it.

check_machine() {
  local build=$1
  require_plain_path
  require_tmpfs
  require_own_dir
  require_writable "$build" "the programs are built there: take a checkout of your own"
  if supervisor_running; then
    [ -e "$dir/port" ] ||
      die "the programs of an instance that was deleted from $dir still run: stop them with scripts/quickstart --down"
    [ "$port" = "$(cat "$dir/port")" ] ||
      die "the instance in $dir runs on port $(cat "$dir/port"): stop it first with scripts/quickstart --down"
    return
  fi
  require_usable_port
  require_disk "$dir" 1500 "make room or use --dir"
  require_disk "$run" 60 "make room there, the rings of the workers are kept in memory"
  [ -e "$build/bin/tributary-ingestor" ] || require_disk "$build" 700 "make room: the programs are built there"
}

# nginx, supervisor and PostgreSQL each quote in their own way.
require_plain_path() {
  local LC_ALL=C
  [[ $dir =~ ^[A-Za-z0-9/._+@-]+$ ]] ||
    die "\"$dir\" has a space or another character that settings files cannot hold: choose another place with --dir"
}

require_tmpfs() {
  [ -n "$run" ] || die "neither /dev/shm nor /run is a tmpfs that user $(id -un) can write to, and rings must not" \
    "be on a disk: mount one, for example with  mount -t tmpfs tmpfs /dev/shm"
}

# The first folder upwards that is there already.
existing() {
  local path=$1
  while [ ! -e "$path" ]; do path=$(dirname "$path"); done
  echo "$path"
}

require_own_dir() {
  local place owner
  place=$(existing "$dir")
  [ -d "$place" ] || die "$place is no directory: choose another place with --dir"
  if [ -e "$dir/port" ]; then
    owner=$(stat -c %U "$dir")
    [ "$owner" = "$service_user" ] || die "the instance in $dir belongs to user $owner, and this would run as" \
      "$service_user: be the user who started it first, or choose another place with --dir"
  elif [ -d "$dir" ]; then
    [ -z "$(ls -A "$dir")" ] || die "$dir holds other files: choose an empty or a new directory with --dir"
  fi
  as_service test -x "$place" || die "user $service_user cannot enter $place: choose another place with --dir"
  require_writable "$dir" "choose another place with --dir"
}

require_writable() {
  local place
  place=$(existing "$1")
  [ -w "$place" ] || die "user $(id -un) cannot write to $place: $2"
}

require_disk() {
  local place megabytes=$2 free
  place=$(existing "$1")
  free=$(($(stat -f -c '%a * %S' "$place") / 1048576))
  [ "$free" -ge "$megabytes" ] || die "$place has $free MB free, $megabytes MB are needed: $3"
}

require_usable_port() {
  local first
  first=$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start 2>/dev/null || echo 1024)
  [ "$port" -ge "$first" ] ||
    die "port $port is for root only, and nothing here runs as root: choose $first or a greater one with --port N"
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    die "port $port is in use: stop the other program or choose another with --port N"
  fi
}
