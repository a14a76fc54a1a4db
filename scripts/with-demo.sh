#!/usr/bin/env bash
# Starts the demo on a free port with data of its own, runs a command beside it, and stops it:
#   scripts/with-demo.sh [--postgres] COMMAND…
# On SQLite, or with --postgres on a PostgreSQL of its own. The command finds BASE_URL, PHONE_URL, SHOP_URL, EMAIL and PASSWORD
# in its environment.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${1:-}" = --postgres ]; then
  shift
  exec scripts/with-postgres.sh scripts/with-demo.sh "$@"
fi

data=$(mktemp -d)
touch "$data/said"
"$(scripts/program.sh)" demo --data "$data/parloir" --listen 127.0.0.1:0 --json > "$data/said" 2> "$data/log" </dev/null &
demo=$!
finish() {
  kill "$demo" 2>/dev/null || true
  wait "$demo" 2>/dev/null || true
  rm -rf "$data"
}
trap finish EXIT

# One line of JSON once everything is ready: {"url","phone_url","members":[{"email","password"}]}.
for _ in $(seq 600); do
  grep -q '"url"' "$data/said" && break
  kill -0 "$demo" 2>/dev/null || { echo "The demo ended:" >&2; cat "$data/said" "$data/log" >&2; exit 1; }
  sleep 0.1
done
told() {
  grep '"url"' "$data/said" | head -n 1 | node -e "const told = JSON.parse(require('fs').readFileSync(0, 'utf8')); console.log($1 ?? '')"
}
BASE_URL=$(told told.url)
PHONE_URL=$(told told.phone_url)
SHOP_URL=$(told told.shop_url)
EMAIL=$(told 'told.members[0].email')
PASSWORD=$(told 'told.members[0].password')
export BASE_URL PHONE_URL SHOP_URL EMAIL PASSWORD

status=0
"$@" || status=$?
[ "$status" -eq 0 ] || { echo "The demo's log ended:" >&2; tail -n 30 "$data/log" >&2; }
exit "$status"
