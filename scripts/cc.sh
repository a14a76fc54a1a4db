#!/usr/bin/env bash
# A C compiler: SQLite and the cryptography are compiled from their sources.
set -euo pipefail
. "$(dirname "$0")/apt.sh"

command -v cargo >/dev/null || { echo "Missing: Rust. See https://rustup.rs" >&2; exit 1; }
command -v cc >/dev/null || install "a C compiler" build-essential
