#!/usr/bin/env bash
# Installs the client library beside this script, once for each set of versions, and runs the checks:
#   run.sh http://127.0.0.1:PORT APP SECRET TOKEN PERSON PAGE PROFESSIONAL
set -euo pipefail
cd "$(dirname "$0")"

python=${PYTHON:-python3}
command -v "$python" >/dev/null || { echo "Missing: Python 3.10 or newer. See https://www.python.org" >&2; exit 1; }
if ! cmp -s requirements.txt .venv/installed.txt; then
  rm -rf .venv
  "$python" -m venv .venv || { echo "Missing: Python's venv (on Debian: python3-venv)." >&2; exit 1; }
  .venv/bin/pip install --quiet --disable-pip-version-check --no-deps -r requirements.txt
  cp requirements.txt .venv/installed.txt
fi
exec .venv/bin/python -B interop.py "$@"
