#!/usr/bin/env bash
# Packages of a binary for this machine in two versions, the same bytes when they are made again, and their life: `made.sh BINARY DIR`.
set -euo pipefail
cd "$(dirname "$0")/../.."
binary=$(realpath "$1") folder=$2
rm -rf "$folder"
mkdir -p "$folder"
# What a debugger needs is most of a binary for tests.
strip -o "$folder/davy" "$binary"
for version in 0.0.1 0.0.2; do
  cargo xtask deb --quick --binary "$folder/davy" --version "$version" --out "$folder" >/dev/null
done
first=$(sha256sum "$folder/davy_0.0.1-1_amd64.deb")
cargo xtask deb --quick --binary "$folder/davy" --version 0.0.1 --out "$folder" >/dev/null
[ "$first" = "$(sha256sum "$folder/davy_0.0.1-1_amd64.deb")" ] || { echo 'FAILED: the same package, made again, has other bytes' >&2; exit 1; }
echo '  made again, a package has the same bytes'
tests/package/install.sh "$folder/davy_0.0.1-1_amd64.deb" "$folder/davy_0.0.2-1_amd64.deb"
