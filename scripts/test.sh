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
step "writing, in a browser, on the demo" scripts/with-demo.sh npm --prefix web run --silent e2e:composer
step "reading, in a browser, on the demo" scripts/with-demo.sh npm --prefix web run --silent e2e:thread
step "working off the list, in a browser, on the demo" scripts/with-demo.sh npm --prefix web run --silent e2e:work
step "contacts, search and palette, in a browser, on the demo" scripts/with-demo.sh npm --prefix web run --silent e2e:people
step "the settings in a browser, on the demo" scripts/with-demo.sh npm --prefix web run --silent e2e:settings
step "what means harm, shown in a browser" scripts/with-demo.sh npm --prefix web run --silent e2e:hostile
step "the chat on a website in a browser, on the demo" scripts/with-demo.sh npm --prefix web run --silent e2e:widget
step "consent on a website in a browser, on the demo" scripts/with-demo.sh npm --prefix web run --silent e2e:consent
program=$(scripts/program.sh)
step "app and chat while the server is killed, the network goes, and machines sleep" node web/e2e/restart.mjs "$program"
step "the app as one that is installed" node web/e2e/pwa.mjs "$program"
# What one looks at afterwards: target/screens, or wherever cargo builds.
step "every screen, with its picture" env OUT="${program%/debug/*}/screens" scripts/with-demo.sh npm --prefix web run --silent e2e:screens
for suite in e2e e2e:composer e2e:thread e2e:work e2e:people e2e:settings e2e:widget; do
  step "on PostgreSQL, in a browser: $suite" scripts/with-demo.sh --postgres npm --prefix web run --silent "$suite"
done

printf '\n%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
