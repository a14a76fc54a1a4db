#!/usr/bin/env bash
# Mail servers for the tests, and who checks what they get: Dovecot (IMAP), Postfix (SMTP), and a verifier of DKIM, from
# Debian's packages. Installing starts nothing and takes no port.
#   scripts/mail.sh                       installs them, if they are not there
#   scripts/mail.sh run FOLDER PROGRAM ARGUMENT…
#                                         runs one of them in a folder until standard input ends, and stops it then
#   scripts/mail.sh certificates FOLDER   makes ca.pem, and a certificate of localhost with its key: cert.pem, key.pem
set -euo pipefail
. "$(dirname "$0")/apt.sh"

if [ "${1:-}" = run ]; then
  # Postfix runs as nobody else's than root's.
  if [ "$(id -u)" -eq 0 ]; then exec "$(dirname "$0")/outside.sh" "$@"; fi
  exec sudo -n "$(dirname "$0")/outside.sh" "$@"
fi

if [ "${1:-}" = certificates ]; then
  cd "$2"
  key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
  openssl req -x509 $key -keyout ca.key -out ca.pem -days 7 -subj /CN=tests
  openssl req $key -keyout key.pem -out request.pem -subj /CN=localhost
  printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n' >extensions
  openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem -days 7 -extfile extensions
  chmod 644 key.pem
  exit 0
fi

has_all() {
  [ -x /usr/sbin/dovecot ] && [ -x /usr/lib/dovecot/imap ] && [ -x /usr/sbin/postfix ] && command -v openssl >/dev/null \
    && /usr/bin/python3 -c 'import dkim, nacl.signing' 2>/dev/null
}

has_all && exit 0

# Packages ask this file whether they may start their services; where there is one already, its owner has decided.
policy=/usr/sbin/policy-rc.d
if command -v apt-get >/dev/null && [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
  as_root chmod +x "$policy"
  trap 'as_root rm -f "$policy"' EXIT
fi
if command -v debconf-set-selections >/dev/null; then
  echo "postfix postfix/main_mailer_type select No configuration" | as_root debconf-set-selections
fi
install "mail servers for the tests" dovecot-imapd postfix python3-dkim python3-nacl openssl
has_all || { echo "Dovecot and Postfix were installed, but not all of them is found" >&2; exit 1; }
