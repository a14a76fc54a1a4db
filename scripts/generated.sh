#!/usr/bin/env bash
# Generated files are committed; this makes them anew and compares. `make api` brings them up to date.
set -euo pipefail
cd "$(dirname "$0")/.."

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"$(scripts/program.sh)" openapi > "$made/openapi.json"
web/node_modules/.bin/openapi-typescript "$made/openapi.json" -o "$made/schema.d.ts" >/dev/null
stale=0
diff -u web/openapi.json "$made/openapi.json" | head -n 40 || stale=1
diff -u web/src/api/schema.d.ts "$made/schema.d.ts" | head -n 40 || stale=1
[ "$stale" -eq 0 ] || { echo "Not up to date: run 'make api' and commit what it changes." >&2; exit 1; }
