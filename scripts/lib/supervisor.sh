# shellcheck shell=bash disable=SC2034,SC2154 # variables of an instance: see instance.sh
# One supervisord runs postgres, nginx, tributary-ingestor and tributary-admin, and restarts what dies. When it is killed
# itself, the kernel stops the four: nothing runs that --status does not know of.

supervisor_conf() { echo "$conf/supervisord.conf"; }
supervisor_running() { [ -S "$run/supervisor.sock" ] && supervisor pid >/dev/null 2>&1; }
supervisor() { as_service supervisorctl -s "unix://$run/supervisor.sock" "$@"; }

render_supervisor() {
  cat >"$(supervisor_conf)" <<CONF
[unix_http_server]
file = $run/supervisor.sock
chmod = 0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisord]
logfile = $logs/supervisord.log
pidfile = $run/supervisord.pid
childlogdir = $logs
directory = $dir
CONF
  # name, priority, signal that stops it gently, seconds it gets, command
  program postgres 10 INT 60 "$(postgres_bin)/postgres -D $data/postgres"
  program tributary-admin 20 TERM 15 "$dir/bin/tributary-admin serve --config $conf/admin-api.yaml"
  program nginx 30 QUIT 15 "/usr/sbin/nginx -p $dir -e $logs/error.log -c $conf/nginx.conf -g 'daemon off;'"
  program tributary-ingestor 40 TERM 30 "$dir/bin/tributary-ingestor run --config $conf/ingestor.yaml"
}

program() {
  cat >>"$(supervisor_conf)" <<CONF

[program:$1]
priority = $2
stopsignal = $3
stopwaitsecs = $4
command = setpriv --pdeathsig $3 -- $5
autostart = false
autorestart = true
startsecs = 1
startretries = 10
redirect_stderr = true
stdout_logfile = $logs/$1.log
stdout_logfile_maxbytes = 20MB
stdout_logfile_backups = 2
CONF
}

start_supervisor() {
  if ! supervisor_running; then
    started=yes
    as_service supervisord -c "$(supervisor_conf)" 8>&- 9<&- # it must keep neither pipe nor lock of this start
  fi
  wait_until 20 "the start of supervisord" supervisor_running
}

start_program() {
  supervisor status "$1" | grep -q RUNNING && return
  supervisor start "$1" >/dev/null || {
    tail -n 15 "$logs/$1.log" >&2
    die "$1 did not start: $logs/$1.log"
  }
}

restart_program() { supervisor restart "$1" >/dev/null || die "$1 did not start again: $logs/$1.log"; }

# The order is the reverse of the start: nothing that was answered is left behind.
stop_everything() {
  local name
  supervisor_running || return 0
  for name in nginx tributary-ingestor tributary-admin postgres; do
    supervisor stop "$name" >/dev/null || true
  done
  supervisor shutdown >/dev/null || true
  wait_until 30 "the end of supervisord" supervisor_gone
}

supervisor_gone() { ! supervisor_running; }
