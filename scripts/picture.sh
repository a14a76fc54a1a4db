#!/usr/bin/env bash
# The picture in the README: a conversation in the running app.
#   scripts/with-demo.sh scripts/picture.sh docs/picture.png
set -euo pipefail
cd "$(dirname "$0")/.."

screens=$(mktemp -d)
trap 'rm -rf "$screens"' EXIT
node web/scripts/screens.mjs --url "$BASE_URL" --email "$EMAIL" --password "$PASSWORD" --out "$screens"
cp "$screens/thread-light.png" "$1"
echo "$1"
