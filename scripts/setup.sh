#!/usr/bin/env bash
# Sets this checkout up: its own virtual environment, the locked packages, and the system packages it needs.
# Without a word what a server needs; `dev` adds what demo, lint and bench need; `test` a browser, Chinese fonts, and CKAN
# with its database and queue too.
# Does nothing when nothing is missing. Every refusal is one sentence that says what to install.
set -euo pipefail
cd "$(dirname "$0")/.."

mode="${1:-runtime}"
case "$mode" in runtime) lock=requirements.lock ;; dev | test) lock=requirements-dev.lock ;;
  *) printf 'setup: %s is none of runtime, dev, test\n' "$mode" >&2; exit 2 ;; esac

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
  if [ -f "$stamp" ] && { cmp -s "$lock" "$stamp" || cmp -s "$larger" "$stamp"; }; then return; fi
  python=$(find_python)
  say "setup: making $folder with $($python --version) and installing the packages of $lock (a minute or so) …"
  [ -x "$folder/bin/python" ] || "$python" -m venv "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock" ||
    die "pip could not install the packages of $lock: check the network and PIP_INDEX_URL, then run make setup again."
  cp "$lock" "$stamp"
}

# The embedded database is a real mongod out of a wheel; it needs libcurl. Pages and digests are tested in a real Chromium,
# crawls against a real CKAN, which needs PostgreSQL, Redis and libmagic.
missing_system_packages() {
  ldconfig -p 2>/dev/null | grep -q 'libcurl\.so\.4 ' || echo libcurl4
  [ "$mode" = test ] || return 0
  command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || echo chromium
  fc-list :lang=zh 2>/dev/null | grep -q . || echo fonts-noto-cjk
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || echo postgresql
  command -v redis-server >/dev/null 2>&1 || echo redis-server
  ldconfig -p 2>/dev/null | grep -q 'libmagic\.so\.1 ' || echo libmagic1
}

install_system() {
  [ "$(uname -s)" = Linux ] || return 0
  missing=$(missing_system_packages | tr '\n' ' ')
  [ -n "${missing// /}" ] || return 0
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
  # shellcheck disable=SC2086
  { $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing; } >/tmp/opendata-setup.log 2>&1 ||
    say "setup: apt-get could not install $missing(see /tmp/opendata-setup.log); install them by hand if a later step asks for them."
}

install_packages .venv "$lock" requirements-dev.lock
[ "$mode" != test ] || install_packages .cache/ckan tests/replica/worldwide/ckan.lock
install_system
