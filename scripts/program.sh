#!/usr/bin/env bash
# Where the program is that was built last.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
echo "$target/debug/parloir"
