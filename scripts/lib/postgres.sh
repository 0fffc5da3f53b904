# shellcheck shell=bash disable=SC2034,SC2154 # variables of an instance: see instance.sh
# The private PostgreSQL cluster of an instance: reached by its socket only, users are told apart by peer credentials.

postgres_bin() {
  local version
  for version in 15 16 17; do
    [ -x "/usr/lib/postgresql/$version/bin/postgres" ] && { echo "/usr/lib/postgresql/$version/bin"; return; }
  done
  die "no PostgreSQL 15 or newer below /usr/lib/postgresql: run scripts/install-dependencies"
}

postgres_url() { echo "postgresql://$1@/tributary?host=$run"; }

# psql as superuser, quiet, stopping at the first error.
sql() { as_service psql -X -q -A -t -v ON_ERROR_STOP=1 -h "$run" -U postgres -d "${database:-tributary}" "$@"; }

create_cluster() {
  [ -e "$data/postgres/PG_VERSION" ] && return
  step "creating a private PostgreSQL cluster in $data/postgres"
  rm -rf "$data/postgres.new"
  as_service "$(postgres_bin)/initdb" -D "$data/postgres.new" -U postgres --auth-local=peer --auth-host=reject \
    --encoding=UTF8 --locale=C.UTF-8 --no-instructions >"$logs/initdb.log" 2>&1 || die "initdb failed: $logs/initdb.log"
  as_service mv "$data/postgres.new" "$data/postgres"
}

# Rendered at every start: the run path may have changed.
configure_cluster() {
  local system_user role
  as_service tee "$data/postgres/postgresql.auto.conf" >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '$run'
timezone = 'UTC'
log_timezone = 'UTC'
shared_buffers = '256MB'
max_wal_size = '2GB'
CONF
  as_service tee "$data/postgres/pg_hba.conf" >/dev/null <<<'local all all peer map=tributary'
  for system_user in "$service_user" root "${SUDO_USER:-root}"; do
    for role in postgres tributary_owner tributary_admin tributary_ingestor; do
      echo "tributary $system_user $role"
    done
  done | sort -u | as_service tee "$data/postgres/pg_ident.conf" >/dev/null
}

postgres_answers() { as_service pg_isready -q -h "$run"; }

create_database() {
  local schema=$1
  wait_until 60 "the start of PostgreSQL" postgres_answers
  database=postgres sql -c 'SELECT pg_reload_conf()' >/dev/null
  if [ "$(database=postgres sql -c "SELECT count(*) FROM pg_database WHERE datname = 'tributary'")" = 0 ]; then
    database=postgres sql <"$schema/roles.sql"
    database=postgres sql -c 'CREATE DATABASE tributary OWNER tributary_owner'
  fi
}
