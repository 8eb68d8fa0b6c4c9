#!/usr/bin/env bash
# A package for whatever processor: what lintian says of it, where there is lintian. `looked_into.sh PACKAGE`.
set -euo pipefail
command -v lintian >/dev/null || { echo '  lintian is not installed: apt-get install lintian'; exit 0; }
# What is meant: the package is of no distribution; the program has its libraries in it, as programs of Rust do.
lintian --no-tag-display-limit --suppress-tags initial-upload-closes-no-bugs,embedded-library "$1" | sed 's/^/    /'
if lintian --suppress-tags embedded-library "$1" | grep -q '^E:'; then echo "FAILED: lintian has errors in $1" >&2; exit 1; fi
