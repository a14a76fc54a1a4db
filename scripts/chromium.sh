#!/usr/bin/env bash
# A browser for the tests: the system's own, never one of a test library's.
set -euo pipefail
. "$(dirname "$0")/apt.sh"

for program in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
  [ -n "$program" ] && command -v "$program" >/dev/null && exit 0
done
install "a browser for the tests" chromium
