#!/usr/bin/env bash
# Takes the pictures of README and handbook from the real gateway with the simulated plant. Look at them before they are committed.
set -euo pipefail
cd "$(dirname "$0")/.."
data=$(mktemp -d)
"${DAVY_BIN:-target/debug/davy}" demo --listen 127.0.0.1:0 --speed 2 --data "$data" >"$data/said" 2>"$data/log" &
demo=$!
trap 'kill "$demo" 2>/dev/null; wait "$demo" 2>/dev/null; rm -rf "$data"' EXIT
until address=$(grep -om1 'http://[0-9.:]*/' "$data/said"); do
  kill -0 "$demo" 2>/dev/null || { cat "$data/log" >&2; exit 1; }
  sleep 0.2
done
node web-ui/dev/pictures.mjs "$address" docs/pictures
ls -l docs/pictures
