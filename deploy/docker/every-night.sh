#!/usr/bin/env bash
# What the container runs: a night at NIGHT_AT (02:15 in the zone TZ), digests and deliveries that are due every ten minutes.
# SIGTERM ends it once the running night has stored what it read.
set -uo pipefail
cd "$(dirname "$0")/../.."
at="${NIGHT_AT:-02:15}"
seconds="${SEND_SECONDS:-600}"
night=
now=

next_night() {
  local today
  today=$(date -d "today $at" +%s)
  if [ "$today" -gt "$(date +%s)" ]; then echo "$today"; else date -d "tomorrow $at" +%s; fi
}

stop() {
  trap '' TERM INT
  for child in $night $now; do kill -TERM "$child" 2>/dev/null; done
  wait
  exit 0
}
trap stop TERM INT

# A signal is served while `wait` waits, but not while a command in the foreground runs.
await() {
  "$@" &
  now=$!
  wait "$now"
  now=
}

due=$(next_night) || exit 2
echo "the next night begins on $(date -d "@$due")"
while :; do
  if [ "$(date +%s)" -ge "$due" ]; then
    due=$(next_night)
    if [ -n "$night" ] && kill -0 "$night" 2>/dev/null; then
      echo "the last night is still running: none is begun"
    else
      scripts/nightly.sh &
      night=$!
    fi
  fi
  await .venv/bin/python -m alerts digest
  await .venv/bin/python -m alerts send
  await sleep "$seconds"
done
