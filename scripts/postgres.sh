#!/usr/bin/env bash
# PostgreSQL's programs, for the tests, which run a private server of their own. The package is told to make no cluster,
# so nothing is started and no port is taken.
set -euo pipefail
. "$(dirname "$0")/apt.sh"

has_programs() {
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null
}

[ -z "${PARLOIR_TEST_POSTGRES:-}" ] || exit 0
has_programs && exit 0

can_install "PostgreSQL, which the tests run against" postgresql
settings=/etc/postgresql-common/createcluster.conf
if [ ! -e "$settings" ]; then
  as_root mkdir -p "$(dirname "$settings")"
  echo "create_main_cluster = false" | as_root tee "$settings" >/dev/null
fi
install "PostgreSQL, which the tests run against" postgresql
has_programs || { echo "PostgreSQL was installed, but its initdb is not found" >&2; exit 1; }
