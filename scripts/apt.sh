# Sourced by the scripts beside it: installs Debian packages, or says what to install by hand.

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# can_install WHAT_FOR PACKAGE… : whether it can be done here; if not, says what to do.
can_install() {
  local purpose=$1
  shift
  if ! command -v apt-get >/dev/null; then
    echo "Missing: $purpose. Install it with your system's package manager (on Debian: $*)." >&2
    return 1
  fi
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    echo "Missing: $purpose. As root: apt-get install $*" >&2
    return 1
  fi
}

# install WHAT_FOR PACKAGE…
install() {
  can_install "$@" || return 1
  local purpose=$1
  shift
  echo "Installing $* ($purpose) …"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null
}
