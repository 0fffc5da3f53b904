# shellcheck shell=bash disable=SC2034,SC2154 # variables of an instance: see instance.sh
# Keys, passwords and the settings files of an instance.

admin_user=admin@example.com
admin_password_file() { echo "$dir/admin-password"; }
postback_secret_file() { echo "$dir/postback-secret"; }

# random_secret FILE: a password of 24 letters and digits, once.
random_secret() {
  local file=$1
  [ -s "$file" ] && return
  (
    umask 077
    head -c 512 /dev/urandom | base64 -w0 | tr -dc 'A-Za-z0-9' | cut -c1-24 >"$file"
  )
  [ "$(id -u)" -ne 0 ] || chown "$service_user:" "$file"
}

generate_keys() {
  [ -s "$keys/push.key" ] || as_service "$dir/bin/tributary-admin" keygen --out "$keys" >/dev/null
  random_secret "$(admin_password_file)"
  random_secret "$(postback_secret_file)"
}

render_settings() {
  local root=$1
  render_nginx "$root"
  render_admin "$root"
  render_ingestor "$root"
  render_demo "$root"
}

# conf/nginx.conf is a file for production; an instance has other places and listens on loopback.
render_nginx() {
  local root=$1
  sed -e "s|modules/ngx_http_tributary_module.so|$dir/bin/ngx_http_tributary_module.so|" \
      -e "s|/run/tributary|$run|g" \
      -e "s|/var/lib/tributary|$data|g" \
      -e "s|/var/log/tributary|$logs|g" \
      -e "s|/etc/tributary/keys|$keys|g" \
      -e "s|/etc/tributary|$conf|g" \
      -e "s|/usr/share/tributary/agents.rules|$conf/agents.rules|" \
      -e "s|listen 80;|listen 127.0.0.1:$port;|" \
      -e '/listen \[::\]:80;/d' \
      -e '/^user /d' \
      -e 's|worker_processes auto;|worker_processes 2;|' \
      -e "s|server_name _;|&\n        location /demo/ { alias $conf/demo/; ssi on; }|" \
      "$root/conf/nginx.conf" >"$conf/nginx.conf"
}

render_admin() {
  local root=$1
  cat >"$conf/admin-api.yaml" <<CONF
environment: development
listen: "unix:$run/admin.sock"
public_url: "http://127.0.0.1:$port"
schema_path: "$conf/schema"
presets_path: "$conf/presets"
geo:
  files: "$([ ! -s "$(geo_file)" ] || geo_file)"
user_agents:
  rules: "$conf/agents.rules"
postgres:
  url: "$(postgres_url tributary_admin)"
  owner_url: "$(postgres_url tributary_owner)"
jwt:
  secret_file: "$keys/jwt.secret"
push:
  signing_key_file: "$keys/push.key"
cookies:
  secure: false
log:
  format: text
CONF
  rm -rf "$conf/schema" "$conf/presets"
  install -d -m 0755 "$conf/schema" "$conf/schema/migrations"
  install -m 0644 "$root"/schema/migrations/*.sql "$conf/schema/migrations/"
  install -m 0644 "$root/schema/openapi.yaml" "$conf/schema/"
  install -d -m 0755 "$conf/presets" "$conf/presets/sources" "$conf/presets/networks"
  install -m 0644 "$root"/conf/presets/sources/*.yaml "$conf/presets/sources/"
  install -m 0644 "$root"/conf/presets/networks/*.yaml "$conf/presets/networks/"
}

# The demo's network gets a secret of its own.
render_demo() {
  local root=$1
  sed -e "s/demoSecret_1234567890/$(cat "$(postback_secret_file)")/" -e "s|127.0.0.1:8080|127.0.0.1:$port|" \
    "$root/conf/demo.yaml" >"$conf/demo.yaml"
  install -d -m 0755 "$conf/demo"
  install -m 0644 "$root"/conf/demo/*.html "$conf/demo/"
  chmod 0640 "$conf/demo.yaml"
  [ "$(id -u)" -ne 0 ] || chown "$service_user:" "$conf/demo.yaml"
}

render_ingestor() {
  local root=$1
  install -m 0644 "$root/conf/user-agents/agents.rules" "$conf/.agents.rules"
  mv "$conf/.agents.rules" "$conf/agents.rules"
  cat >"$conf/ingestor.yaml" <<CONF
source: journal
postgres:
  url: "$(postgres_url tributary_ingestor)"
journal:
  path: "$data/journal"
  run_path: "$run"
http:
  listen: "unix:$run/ingestor.sock"
geo:
  files: "$([ ! -s "$(geo_file)" ] || geo_file)"
user_agents:
  rules: "$conf/agents.rules"
CONF
}

admin() { as_service "$dir/bin/tributary-admin" "$@" --config "$conf/admin-api.yaml"; }
