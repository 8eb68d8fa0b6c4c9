#!/usr/bin/env bash
# The compiler of our own crates for scripts/fuzz.sh, as cargo's RUSTC_WORKSPACE_WRAPPER: it adds what libFuzzer sees by where an
# input gets to (SanitizerCoverage). What runs while others are built stays as it is.
case " $* " in
  *' --crate-name build_script_build '* | *' --crate-type proc-macro '*) exec "$@" ;;
esac
exec "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
  -Cllvm-args=-sanitizer-coverage-trace-compares
