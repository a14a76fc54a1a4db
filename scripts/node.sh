#!/usr/bin/env bash
# Node, new enough to build the members' app.
set -euo pipefail

need="20.19"
have=$(node --version 2>/dev/null | sed 's/^v//') || true
if [ -z "$have" ]; then
  echo "Missing: Node $need or newer, which builds the members' app. See https://nodejs.org" >&2
  exit 1
fi
if [ "$(printf '%s\n%s\n' "$need" "$have" | sort -V | head -n 1)" != "$need" ]; then
  echo "Node is $have; the members' app needs $need or newer. See https://nodejs.org" >&2
  exit 1
fi
