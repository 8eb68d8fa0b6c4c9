#!/usr/bin/env bash
# Every check and every test, in the order in which they fail soonest; prints how long each stage took.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-never}

stage() {
  local name=$1 begun=$SECONDS; shift
  printf '\n=== %s\n' "$name"
  "$@"
  printf '=== %s: %d s\n' "$name" $((SECONDS - begun))
}

# Integration tests by name, `--test NAME …`, from files `NAME.rs` and folders `NAME/main.rs`; always with `--workspace`, so
# that every build has the same features.
named() {
  local file
  for file in "$@"; do
    [ -f "$file" ] || continue
    file=${file%/main.rs}
    printf -- '--test\n%s\n' "$(basename "$file" .rs)"
  done
}

quick() {
  local names
  mapfile -t names < <(named edge/*/tests/*.rs edge/*/tests/*/main.rs $(ls tests/tests/*.rs | grep -Ev '/(e2e_|long_)'))
  cargo test --locked --workspace --lib --bins "${names[@]}" --bench apply
}

millions_of_events() {
  DAVY_EVENTS=5000000 cargo test --locked --workspace --test long_simulation -- --nocapture
}

# These measure latencies: one at a time, when everything is built.
end_to_end() {
  local names
  mapfile -t names < <(named tests/tests/e2e_*.rs)
  rm -f target/figures.md
  cargo test --locked --workspace "${names[@]}" --no-run --quiet
  cargo test --locked --workspace "${names[@]}" -- --nocapture --test-threads 1
}

fuzzing() {
  scripts/fuzz.sh "${DAVY_FUZZ_SECONDS:-10}"
}

# The package of the program that the tests run, in two versions, lives its life in a bare Debian; the firewall's example in a network of
# its own.
packages() {
  tests/package/made.sh target/debug/davy target/package/tests
  tests/package/network.sh
}

stage 'set-up' scripts/setup.sh test
stage 'licences and known weaknesses' scripts/deny.sh
stage 'formatting' cargo fmt --all --check
stage 'the page: types' npm --prefix web-ui run --silent check
stage 'the page: tests' npm --prefix web-ui test --silent
stage 'the page: barriers' npm --prefix web-ui run --silent axe
stage 'lints' cargo clippy --locked --workspace --all-targets --quiet -- -D warnings
# With all targets, as the tests need them: a build of the binaries alone resolves other features and would be done twice.
stage 'build' cargo build --locked --workspace --all-targets
stage 'tests' quick
stage 'other processors' cargo xtask emulate --short
stage 'fuzzing' fuzzing
stage 'five million simulated events' millions_of_events
stage 'packages' packages
stage 'end to end' end_to_end
[ ! -s target/not-checked.txt ] || printf '\nnot checked: %s' "$(cat target/not-checked.txt)"
printf '\nall stages passed in %d min %d s\n' $((SECONDS / 60)) $((SECONDS % 60))
