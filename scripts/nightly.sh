#!/usr/bin/env bash
# One night: read, check files, compare, write, send, report. `make nightly`, the units and the container run this.
# ONLY="guiyang,province:山东" reads a subset; DRY_RUN=1 prints what a night would cost and sends nothing.
# One portal's failure stops nobody: each step runs whatever the one before it said, and the worst status is the script's.
# Ctrl-C or SIGTERM ends the night: the running step is told once, keeps what it has, and no further one begins (130).
set -uo pipefail
set -m # each step is a process group of its own, so that a signal reaches each of its processes once, through this script
cd "$(dirname "$0")/.."
export PYTHONUTF8=1
python=.venv/bin/python
only="${ONLY:-}"
worst=0
step=
stopped=

say() { printf 'nightly: %s\n' "$*" >&2; }

stop() {
  [ -n "$stopped" ] || say "stopping: the running step stores what it has …"
  stopped=yes
  [ -z "$step" ] || kill -TERM -- "-$step" 2>/dev/null
}
trap stop INT TERM HUP

run() {
  local status
  "$python" -m "$@" </dev/null &
  step=$!
  wait "$step"
  status=$?
  while [ -n "$stopped" ] && kill -0 "$step" 2>/dev/null; do # a signal ends `wait` before the step has ended
    wait "$step"
    status=$?
  done
  step=
  if [ -n "$stopped" ] || [ "$status" = 130 ]; then
    say "stopped in \"$1 $2\": what is stored stays, the rest is done by the next night"
    exit 130
  fi
  [ "$status" -le "$worst" ] || worst=$status
}

if [ "$(id -u)" = 0 ]; then
  say "running as root: what this night writes belongs to root, and no other account can use it; run it as the owner of the data"
fi
if [ -n "${DRY_RUN:-}" ]; then
  run scrapy crawlall ${only:+--only "$only"} --dry-run
  exit "$worst"
fi
run scrapy crawlall ${only:+--only "$only"}
[ "$worst" != 2 ] || exit 2
run scrapy checkfiles ${only:+"$only"}
run scrapy checknational ${only:+"$only"}
run scrapy checkterms ${only:+"$only"}
run alerts diff
run alerts digest
run alerts scoreboard --keep >/dev/null
run alerts site --if-set
run alerts send
run alerts export --if-set
night=$worst
worst=0
run alerts health --ping --status "$night"
[ "$night" != 0 ] || night=$((worst ? 1 : 0))
exit "$night"
