# shellcheck shell=bash disable=SC2034,SC2154 # variables of an instance: see instance.sh
# What an instance is and does: for people, and as one JSON object.

# Lines of "name pid state".
processes() {
  supervisor_running || return 0
  supervisor status 2>/dev/null | awk '{
    pid = 0
    for (i = 1; i < NF; i++) if ($i == "pid") { pid = $(i + 1); sub(",", "", pid) }
    print $1, pid, tolower($2)
  }'
}

print_status() {
  if [ -n "$1" ]; then
    processes | python3 -c '
import json, sys
names = ("url", "admin_user", "admin_password_file", "postgres", "journal_path", "run_path")
processes = [dict(zip(("name", "pid", "state"), line.split())) for line in sys.stdin]
for process in processes:
    process["pid"] = int(process["pid"])
print(json.dumps(dict(zip(names, sys.argv[1:])) | {"processes": processes}, indent=2))
' "http://127.0.0.1:$port" "$admin_user" "$(admin_password_file)" "$(postgres_url postgres)" "$data/journal" "$run"
  elif supervisor_running; then
    processes | awk '{ printf "%-20s %-10s pid %s\n", $1, $3, $2 }'
    print_places
  else
    echo "not running; data in $dir"
  fi
}

print_places() {
  local slug=SLUG network=NETWORK/SECRET
  if [ -e "$dir/demo-was-sent" ]; then
    slug=summer-sale
    network="demo-network/SECRET, secret in $(postback_secret_file)"
  fi
  cat <<TEXT

  clicks      http://127.0.0.1:$port/c/$slug
  postbacks   http://127.0.0.1:$port/postback/$network
  API         http://127.0.0.1:$port/api/v1
  user        $admin_user
  password    in $(admin_password_file)
  PostgreSQL  $(postgres_url postgres)
  journal     $data/journal
  run path    $run
  logs        $logs$([ ! -s "$(geo_file)" ] || printf '\n  countries   IP Geolocation by DB-IP, https://db-ip.com (CC BY 4.0)')

TEXT
}

print_summary() {
  [ ! -s "$dir/demo-was-sent" ] || printf '\nsent: %s\n' "$(cat "$dir/demo-was-sent")"
  if [ -n "$demo" ]; then
    python3 "$root/scripts/lib/overview_report.py" --url "http://127.0.0.1:$port" --user "$admin_user" \
      --password-file "$(admin_password_file)" || die "the report could not be read"
  fi
  print_places
  echo "scripts/quickstart --status shows what is running, --down stops it."
}
