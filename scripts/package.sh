#!/usr/bin/env bash
# The packages for gateways; see the target `package` of the Makefile.
set -euo pipefail
cd "$(dirname "$0")/.."

native=x86_64-unknown-linux-gnu
if [ ! -x target/dist/$native/davy ]; then
  echo "package: no target/dist/$native/davy, so a release build is taken: its C library is this machine's" >&2
  cargo build --locked --release -p davy --no-default-features --features rpi
  mkdir -p target/dist/$native
  cp target/release/davy target/dist/$native/davy
fi
for target in $native aarch64-unknown-linux-gnu armv7-unknown-linux-gnueabihf; do
  if [ ! -x "target/dist/$target/davy" ]; then
    echo "package: left out, make its binary first: cargo xtask build --target $target" >&2
    continue
  fi
  package=$(cargo xtask deb --target "$target")
  echo "$package: $(stat -c %s "$package") bytes, sha256 $(sha256sum "$package" | cut -d' ' -f1)"
  dpkg-deb --field "$package" Package Version Architecture Depends | sed 's/^/    /'
  tests/package/looked_into.sh "$package"
done
tests/package/made.sh target/dist/$native/davy target/package/tests
tests/package/network.sh
