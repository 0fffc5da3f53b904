# shellcheck shell=bash disable=SC2034,SC2154 # variables of an instance: see instance.sh
# Makes an instance usable: administrator, edge, demo campaigns, and some traffic through all of it.

create_administrator() {
  admin user create --email "$admin_user" --role admin --password-file "$(admin_password_file)" >&2
}

register_edge() {
  admin edge add --name edge-0 --number 0 --push-url "unix:$run/edge.sock:/tributary/config" >/dev/null
}

edges_are_current() { admin status >/dev/null 2>&1; }

stored() {
  sql -c "SELECT (SELECT count(*) FROM events.clicks) + (SELECT count(*) FROM events.trafficbacks)
               + (SELECT count(*) FROM events.lander_clicks) + (SELECT count(*) FROM events.postbacks)"
}

all_is_stored() { [ "$(stored)" -ge "$1" ]; }

run_demo() {
  local root=$1 sent before
  step "seeding the demo and waiting until the edge has it"
  admin seed "$conf/demo.yaml" >&2
  wait_until 60 "the acknowledgement of the configuration by the edge" edges_are_current
  [ ! -e "$dir/demo-was-sent" ] || return 0

  step "sending clicks and postbacks"
  before=$(stored)
  sent=$(python3 "$root/scripts/lib/demo_traffic.py" --url "http://127.0.0.1:$port" \
    --campaign summer-sale --campaign travel --page guide --trafficback nobody --network demo-network \
    --secret-file "$(postback_secret_file)") || die "the demo traffic failed"
  echo "$sent" >"$dir/demo-was-sent"
  wait_until 60 "the storing of the demo traffic" all_is_stored \
    $((before + $(python3 -c 'import json, sys; print(json.load(sys.stdin)["total"])' <<<"$sent")))
}
