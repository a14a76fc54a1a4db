#!/usr/bin/env bash
# The picture in the README: a conversation in the running app.
#   scripts/with-demo.sh scripts/picture.sh docs/picture.png
set -euo pipefail
cd "$(dirname "$0")/.."

screens=$(mktemp -d)
trap 'rm -rf "$screens"' EXIT
OUT="$screens" SCALE=2 LOOK=no ONLY=thread npm --prefix web run --silent e2e:screens
cp "$screens/thread-1440-light.png" "$1"
echo "$1"
