# shellcheck shell=bash disable=SC2034,SC2154 # variables of an instance: see instance.sh
# Makes an instance usable: administrator, edge, demo campaigns, and some traffic through all of it.

create_administrator() {
  admin user create "$admin_user" --role admin --password-file "$(admin_password_file)" >&2
}

register_edge() {
  admin edge create edge-0 --number 0 --push-url "unix:$run/edge.sock:/tributary/config" >&2
}

# Every active edge has acknowledged the newest generation.
edges_are_current() {
  [ "$(sql <<'SQL'
SELECT bool_and((state.acknowledged_epoch, state.acknowledged_counter) IS NOT DISTINCT FROM (g.epoch, g.counter))
FROM config.edges edge
CROSS JOIN config.generation g
LEFT JOIN config.edge_state state USING (number)
WHERE edge.state = 'active'
SQL
  )" = t ]
}

stored() { sql -c "SELECT (SELECT count(*) FROM events.clicks) + (SELECT count(*) FROM events.postbacks)"; }

all_is_stored() { [ "$(stored)" -ge "$1" ]; }

run_demo() {
  local root=$1 sent before
  step "seeding the demo and waiting until the edge has it"
  admin seed "$conf/demo.yaml" --secret-file "$(postback_secret_file)" >&2
  wait_until 60 "the acknowledgement of the configuration by the edge" edges_are_current
  [ ! -e "$dir/demo-was-sent" ] || return 0

  step "sending clicks and postbacks"
  before=$(stored)
  sent=$(python3 "$root/scripts/lib/demo_traffic.py" --url "http://127.0.0.1:$port" --campaign demo \
    --network demo-network --secret-file "$(postback_secret_file)") || die "the demo traffic failed"
  echo "$sent" >"$dir/demo-was-sent"
  wait_until 60 "the storing of the demo traffic" all_is_stored \
    $((before + $(python3 -c 'import json, sys; s = json.load(sys.stdin); print(s["clicks"] + s["postbacks"])' <<<"$sent")))
}
