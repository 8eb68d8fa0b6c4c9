#!/usr/bin/env bash
# A package for whatever processor: what lintian says of it, where there is lintian. `looked_into.sh PACKAGE`.
set -euo pipefail
command -v lintian >/dev/null || { echo '  not looked into by lintian, which is not installed: apt-get install lintian'; exit 0; }
# It is uploaded to no archive whose bugs it could close.
lintian --allow-root --fail-on error --suppress-tags initial-upload-closes-no-bugs "$1" \
  || { echo "FAILED: lintian finds errors in $1" >&2; exit 1; }
echo '  lintian finds no error'
