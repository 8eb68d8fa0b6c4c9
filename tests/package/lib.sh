# What the tests of the packages share: a bare Debian in which they are installed, as a tree that is only read, and boxes that are made
# of it and are gone after the test. Nothing of this machine is changed. Root is needed, for namespaces and mounts.

set -euo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=$repository/.cache/package
debian=bookworm
# Of systemd the version that boxes have; udev for its rules.
packages=systemd,systemd-sysv,udev,init-system-helpers

fail() { printf 'FAILED: %s\n' "$1" >&2; exit 1; }
say() { printf '  %s\n' "$1"; }
# A check that says what was expected: `is WHAT EXPECTED FOUND`.
is() { [ "$2" = "$3" ] || fail "$1: expected '$2', found '$3'"; }

# Where these tests cannot be had they say so and are left out; asked for by name they fail.
may_run() {
  if [ "${DAVY_WITHOUT_CHROOT:-}" = 1 ]; then
    echo 'left out, because DAVY_WITHOUT_CHROOT=1 is set: the packages are not installed and the network is not tried'
    exit 0
  fi
  [ "$(id -u)" = 0 ] || fail 'root is needed for namespaces and mounts: run as root, or set DAVY_WITHOUT_CHROOT=1 to leave these tests out'
}

# The bare Debian, made once.
tree() {
  local made=$cache/$debian
  if [ ! -f "$made.made" ]; then
    mkdir -p "$cache"
    rm -rf "$made"
    mmdebstrap --quiet --variant=minbase --include="$packages" --aptopt='Acquire::Languages "none"' "$debian" "$made" \
      || fail "'mmdebstrap $debian' failed: check the network to the Debian mirror"
    touch "$made.made"
  fi
  printf '%s\n' "$made"
}

# Waits for a condition, at most so many seconds: `until_true SECONDS WHAT COMMAND…`.
until_true() {
  local end=$((SECONDS + $1)) what=$2; shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || fail "it did not come about: $what"
    sleep 0.1
  done
}

# A box: a file system over the tree, kept in memory, and a process that is the first one in it. `box_begin NAME FIRST…`, where the
# program FIRST runs in namespaces of its own; `box NAME COMMAND…` runs something in it.
declare -A box_of=()
boxes=$(mktemp -d)

box_begin() {
  local name=$1 lower upper=$boxes/$1; shift
  lower=$(tree)
  mkdir -p "$upper"
  unshare --mount --pid --uts --ipc --net --cgroup --fork --kill-child \
    bash "$repository/tests/package/begin.sh" "$lower" "$upper" "$@" >"$boxes/$name.log" 2>&1 &
  box_of[$name]=$!
  local end=$((SECONDS + 20))
  until box_has_root "$name" 2>/dev/null; do
    if [ $SECONDS -ge $end ] || [ ! -d "/proc/${box_of[$name]}" ]; then
      cat "$boxes/$name.log" >&2
      fail "the box $name does not begin: are namespaces, overlays and a cgroup2 allowed here? DAVY_WITHOUT_CHROOT=1 leaves these tests out"
    fi
    sleep 0.1
  done
}

# The first process of a box, as this machine numbers it.
first_of() {
  local holder=${box_of[$1]}
  cat "/proc/$holder/task/$holder/children" 2>/dev/null | tr -d ' ' || true
}

box_has_root() { box "$1" test -e /run/begun; }

box() {
  local first; first=$(first_of "$1"); shift
  [ -n "$first" ] || { echo 'the box has ended' >&2; return 1; }
  nsenter --target "$first" --all env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"
}

# By its own id, and all that is in it with it.
box_end() {
  local first; first=$(first_of "$1")
  if [ -n "$first" ]; then kill -KILL "$first" 2>/dev/null || true; fi
  wait "${box_of[$1]}" 2>/dev/null || true
  unset "box_of[$1]"
}

clean_up() {
  local name
  for name in "${!box_of[@]}"; do box_end "$name"; done
  rm -rf "$boxes"
}
trap clean_up EXIT
