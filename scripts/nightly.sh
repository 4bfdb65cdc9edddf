#!/usr/bin/env bash
# One night: read, check files, compare, write, send, report. `make nightly`, the units and the container run this.
# ONLY="guiyang,province:山东" reads a subset; DRY_RUN=1 prints what a night would cost and sends nothing.
# One portal's failure stops nobody: each step runs whatever the one before it said, and the worst status is the script's.
# CLUSTER=1 has the workers read and compare (docs/cluster.md); all else is done here.
# Ctrl-C or SIGTERM ends the night: the running step is told once, keeps what it has, and no further one begins (130).
set -uo pipefail
set -m # each step is a process group of its own, so that a signal reaches each of its processes once, through this script
cd "$(dirname "$0")/.."
export PYTHONUTF8=1
python=.venv/bin/python
only="${ONLY:-}"
if [ -n "${CLUSTER:-}" ]; then
  reading=(alerts cluster night) comparing=(alerts cluster diff)
else
  reading=(opendata_spiders crawlall) comparing=(alerts diff)
fi
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

# `python -m opendata_spiders` is scrapy, with signals heard from the first moment on.
run() {
  local status name="${1/opendata_spiders/scrapy} $2"
  say "$name"
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
    say "stopped in \"$name\": what is stored stays, the rest is done by the next night"
    exit 130
  fi
  [ "$status" != 9 ] || exit 9 # another night reads the same database: this one has nothing to do
  [ "$status" -le "$worst" ] || worst=$status
}

if [ "$(id -u)" = 0 ]; then
  say "running as root: what this night writes belongs to root, and no other account can use it; run it as the owner of the data"
fi
if [ -n "${DRY_RUN:-}" ]; then
  run opendata_spiders crawlall ${only:+--only "$only"} --dry-run
  exit "$worst"
fi
run "${reading[@]}" ${only:+--only "$only"}
[ "$worst" != 2 ] || exit 2
run opendata_spiders checkfiles ${only:+"$only"}
run opendata_spiders checknational ${only:+"$only"}
run opendata_spiders checkterms ${only:+"$only"}
run "${comparing[@]}"
run alerts digest
run alerts scoreboard --keep >/dev/null
run alerts site --if-set
run alerts send
run alerts export --if-set
run alerts prune
night=$worst
worst=0
run alerts health --ping --status "$night"
[ "$night" != 0 ] || night=$((worst ? 1 : 0))
exit "$night"
