#!/usr/bin/env bash
# Installs what the build or the tests need and is not there yet. Safe to repeat; does nothing when all is there.
#   scripts/setup.sh build   a C compiler, the page's packages, the built page
#   scripts/setup.sh test    that, and the independent peers: Mosquitto, Chromium, asyncua, pymodbus, paho-mqtt, a bare Debian's tools
#   scripts/setup.sh emulate QEMU and the C libraries of ARM, to run its binaries
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-test}

fail() { printf 'setup: %s\n' "$1" >&2; exit 1; }
say() { printf 'setup: %s\n' "$1" >&2; }
has() { command -v "$1" >/dev/null 2>&1; }

# Installs Debian packages; the first argument is the command or file that shows they are missing.
apt_for() {
  local missing=$1; shift
  has apt-get || fail "$missing is missing and this is not a Debian machine: install the equivalent of: $*"
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    has sudo || fail "$missing is missing: install it as root with: apt-get install $*"
    as_root=(sudo)
  fi
  say "installing $*"
  if [ -z "${apt_updated:-}" ]; then
    "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 update -qq >/dev/null || fail "'apt-get update' failed: check the machine's package sources"
    apt_updated=1
  fi
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@" >/dev/null \
    || fail "$missing is missing and 'apt-get install $*' failed: install it by hand"
}

if [ "$what" = emulate ]; then
  has qemu-arm || apt_for qemu-arm qemu-user
  [ -d /usr/aarch64-linux-gnu/lib ] || apt_for "AArch64's C library" libc6-arm64-cross
  [ -d /usr/arm-linux-gnueabihf/lib ] || apt_for "ARM's C library" libc6-armhf-cross
  exit 0
fi

has cargo || fail "cargo is missing: install Rust 1.95 or later (rustup), then run this again"
rust=$(cargo --version | sed -n 's/^cargo 1\.\([0-9]*\).*/\1/p')
[ "${rust:-0}" -ge 95 ] || fail "$(cargo --version) is too old: install Rust 1.95 or later (rustup), then run this again"
if [ "$what" = test ]; then
  cargo fmt --version >/dev/null 2>&1 || fail "rustfmt is missing: run 'rustup component add rustfmt', then run this again"
  cargo clippy --version >/dev/null 2>&1 || fail "clippy is missing: run 'rustup component add clippy', then run this again"
fi
has npm || fail "npm is missing: install Node.js 20.19 or later with npm, then run this again"
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' \
  || fail "Node.js $(node --version) is too old: install 20.19 or later"
has cc || apt_for cc gcc libc6-dev
has make || apt_for make make

# The page: packages when the lock file changed, the build when a source changed.
stamp=web-ui/node_modules/.installed
if ! cmp -s web-ui/package-lock.json "$stamp"; then
  say "installing the page's packages"
  npm --prefix web-ui ci --no-audit --no-fund --loglevel=error >&2 || fail "'npm ci' in web-ui failed: check the network to the npm registry"
  cp web-ui/package-lock.json "$stamp"
fi
built=web-ui/dist/index.html
if [ ! -f "$built" ] || [ -n "$(find web-ui/src web-ui/public web-ui/index.html web-ui/vite.config.ts web-ui/package-lock.json -newer "$built" -print -quit)" ]; then
  say "building the page"
  npm --prefix web-ui run --silent build >&2 || fail "building the page failed: see above"
fi
[ "$what" = test ] || exit 0

[ -x /usr/sbin/mosquitto ] || has mosquitto || {
  apt_for mosquitto mosquitto
  # The package starts a broker of its own; the tests start theirs on free ports.
  if has systemctl; then systemctl disable --now mosquitto >/dev/null 2>&1 || true; fi
}
has chromium || apt_for chromium chromium
has openssl || apt_for openssl openssl
# libFuzzer is in C++.
has c++ || apt_for c++ g++
[ -n "$(find /usr/lib -name libfaketimeMT.so.1 -print -quit 2>/dev/null)" ] || apt_for libfaketime faketime
has ip || [ -x /usr/sbin/ip ] || apt_for ip iproute2
[ -n "$(find /usr/share/fonts -iname '*cjk*' -print -quit 2>/dev/null)" ] || apt_for 'a Chinese font' fonts-noto-cjk
# The packages are installed into a bare Debian, and the firewall's example is loaded.
if [ "$(id -u)" = 0 ]; then
  has mmdebstrap || apt_for mmdebstrap mmdebstrap
  has nft || [ -x /usr/sbin/nft ] || apt_for nft nftables
fi
has python3 || apt_for python3 python3 python3-venv

peers=tests/peers/requirements.txt
if ! cmp -s "$peers" .venv/installed.txt; then
  say "installing the Python peers"
  python3 -m venv --clear .venv 2>/dev/null || { apt_for 'the venv module of python3' python3-venv; python3 -m venv --clear .venv || fail "'python3 -m venv .venv' failed: see above"; }
  .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$peers" >&2 || fail "'pip install -r $peers' failed: check the network to the Python package index"
  cp "$peers" .venv/installed.txt
fi
