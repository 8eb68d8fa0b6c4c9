#!/usr/bin/env bash
# What comes from outside, made up by libFuzzer with the stable compiler: `scripts/fuzz.sh SECONDS [CORPUS]`, so many seconds for
# each target. What is worth keeping is kept in the folder CORPUS; without one it is forgotten. An input that fails stays in
# target/fuzz, and `target/debug/TARGET FILE` plays it again.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=$1 corpus=${2:-}
targets=(modbus_registers mqtt_message command point_table configuration)
work=target/fuzz
mkdir -p "$work"

# Only our own crates are built anew; with `--workspace` the others have the features that they have in every other build.
bins=()
for target in "${targets[@]}"; do bins+=(--bin "$target"); done
RUSTC_WORKSPACE_WRAPPER=$PWD/scripts/coverage-rustc.sh \
  cargo build --locked --workspace --features davy-fuzz/libfuzzer "${bins[@]}"

# A file of the configuration is chosen by the first byte of an input: its place among the files.
of_configuration() {
  local at=0 file
  while IFS= read -r file; do
    printf "\\x$(printf %x $at)" | cat - "$file" > "$1/$at"
    at=$((at + 1))
  done < <(find config/template -type f | LC_ALL=C sort)
}

run() {
  local target=$1 seeds=$work/seeds/$1 own=${corpus:-$work/corpus}/$1
  [ -n "$corpus" ] || rm -rf "$own"
  rm -rf "$seeds"
  mkdir -p "$seeds" "$own"
  case $target in
    configuration) of_configuration "$seeds" ;;
    point_table) cp config/template/tags.csv "$seeds" ;;
  esac
  [ ! -d "fuzz/seeds/$target" ] || cp "fuzz/seeds/$target"/* "$seeds"
  "target/debug/$target" -max_total_time="$seconds" -max_len=65536 -artifact_prefix="$work/$target-" "$own" "$seeds" \
    >"$work/$target.log" 2>&1 || { tail -n 40 "$work/$target.log"; printf '%s failed; its input is in %s\n' "$target" "$work"; return 1; }
  printf '%-18s %s; %s\n' "$target" "$(tail -n 1 "$work/$target.log")" "$(grep -o 'cov: [0-9]*' "$work/$target.log" | tail -n 1)"
}

# Two at a time.
failed=0 running=()
for target in "${targets[@]}"; do
  run "$target" &
  running+=($!)
  [ ${#running[@]} -lt 2 ] || { wait "${running[0]}" || failed=1; running=("${running[@]:1}"); }
done
for one in "${running[@]}"; do wait "$one" || failed=1; done
exit $failed
