#!/usr/bin/env bash
# Every test there is, one after the other, all of them even if some fail; then one line that sums up.
#   scripts/test.sh FEATURES
set -uo pipefail
cd "$(dirname "$0")/.."

features=$1
said=$(mktemp)
trap 'rm -f "$said"' EXIT
passed=0
failed=0

# step NAME COMMAND… : runs it, shows it, and counts what its closing lines tell.
step() {
  local name=$1 status good bad
  shift
  printf '\n== %s\n' "$name"
  "$@" 2>&1 </dev/null | tee "$said"
  status=${PIPESTATUS[0]}
  # `test result: ok. 3 passed; 0 failed` (cargo), `Tests  1 failed | 3 passed (4)` (vitest), `3 passed, 0 failed` (ours).
  good=$(counts passed)
  bad=$(counts failed)
  if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
    bad=1
  fi
  passed=$((passed + good))
  failed=$((failed + bad))
}

counts() {
  sed 's/\x1b\[[0-9;]*m//g' "$said" | grep -E '^(test result:| *Tests  |[0-9]+ passed, [0-9]+ failed$)' \
    | grep -oE "[0-9]+ $1" | awk '{ sum += $1 } END { print sum + 0 }'
}

# check NAME COMMAND… : a step that passes or fails as a whole.
check() {
  local name=$1
  shift
  printf '\n== %s\n' "$name"
  if "$@" </dev/null; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

step "Rust" cargo test --workspace --no-fail-fast --features "$features"
check "the API's description and the web app's types are those of the program" scripts/generated.sh
check "types of the web app" npm --prefix web run --silent check
step "the web app" npm --prefix web run --silent test
step "the web app in a browser, on the demo" scripts/with-demo.sh npm --prefix web run --silent e2e
step "the settings in a browser, on the demo" scripts/with-demo.sh npm --prefix web run --silent e2e:settings
step "what means harm, shown in a browser" scripts/with-demo.sh npm --prefix web run --silent e2e:hostile
step "the chat on a website in a browser, on the demo" scripts/with-demo.sh npm --prefix web run --silent e2e:widget
step "the chat on a website while the server is killed" node web/e2e/restart.mjs "$(scripts/program.sh)"

printf '\n%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
