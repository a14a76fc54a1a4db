#!/usr/bin/env bash
# Runs a command beside an empty PostgreSQL database of its own, which is gone afterwards:
#   scripts/with-postgres.sh COMMAND…
# The command finds its address in PARLOIR_DATABASE. PARLOIR_TEST_POSTGRES (a URL of a superuser) names a server to make it in; else
# one is made in the temporary folder, reached by a Unix socket alone.
set -euo pipefail

folder=$(mktemp -d)
name=parloir_demo_$$
finish() {
  if [ -n "${PARLOIR_TEST_POSTGRES:-}" ]; then
    psql --quiet "$PARLOIR_TEST_POSTGRES" --command "DROP DATABASE IF EXISTS $name WITH (FORCE)" || true
  else
    as_server "$programs/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
  fi
  rm -rf "$folder"
}

# PostgreSQL refuses to run as root, so root runs it as the user its package has made.
as_server() (
  cd /
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
)

# The newest that is installed, or what is on the path.
programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$programs" ] || programs=$(dirname "$(command -v initdb || echo .)")

trap finish EXIT
if [ -n "${PARLOIR_TEST_POSTGRES:-}" ]; then
  psql --quiet "$PARLOIR_TEST_POSTGRES" --command "CREATE DATABASE $name TEMPLATE template0"
  place=${PARLOIR_TEST_POSTGRES%%\?*}
  authority=${place#*://}
  PARLOIR_DATABASE=${place%%://*}://${authority%%/*}/$name${PARLOIR_TEST_POSTGRES#"$place"}
else
  [ "$(id -u)" != 0 ] || chown postgres "$folder"
  as_server "$programs/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-instructions --no-sync >/dev/null
  as_server "$programs/pg_ctl" -D "$folder/data" -l "$folder/log" -w -o "-c listen_addresses='' -c unix_socket_directories='$folder'" start >/dev/null \
    || { cat "$folder/log" >&2; exit 1; }
  PARLOIR_DATABASE=postgres://postgres@${folder//\//%2F}/postgres
fi
export PARLOIR_DATABASE

status=0
"$@" || status=$?
exit "$status"
