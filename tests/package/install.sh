#!/usr/bin/env bash
# The life of the package in a bare Debian with its own service manager: `install.sh OLDER.deb NEWER.deb`, the same program in two
# versions. Installed, set up, run under its hardening, killed, hung, updated, taken back, on a read-only root, removed, purged.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
may_run
older=$(realpath "$1") newer=$(realpath "$2")
export DAVY_PACKAGES; DAVY_PACKAGES=$(dirname "$older")
[ "$(dirname "$newer")" = "$DAVY_PACKAGES" ] || fail 'both packages lie in one folder'

# --- What is in the package.
contents=$boxes/contents
dpkg-deb --contents "$newer" >"$contents"
awk '$2 != "root/root" {print; bad = 1} END {exit bad}' "$contents" || fail 'not every file belongs to root'
awk '$1 ~ /^[-d]/ && $1 !~ /^(drwxr-xr-x|-rw-r--r--|-rwxr-xr-x)$/ {print; bad = 1} END {exit bad}' "$contents" || fail 'odd modes'
for file in usr/bin/davy usr/share/man/man1/davy.1.gz usr/share/man/man1/davy-source-add.1.gz usr/share/bash-completion/completions/davy \
  usr/share/zsh/vendor-completions/_davy usr/share/fish/vendor_completions.d/davy.fish usr/lib/systemd/system/davy.service \
  usr/lib/udev/rules.d/70-davy.rules usr/share/doc/davy/examples/configuration/gateway.toml usr/share/doc/davy/examples/network/davy.nft usr/share/doc/davy/sbom.cdx.json; do
  grep -q " ./$file\$" "$contents" || fail "$file is not in the package"
done
say 'the package has its files, each of root'

# --- A box that starts as a plant's does.
box_begin box /lib/systemd/systemd --log-target=journal
in_box() { box box "$@"; }
is_up() { in_box systemctl is-system-running 2>/dev/null | grep -E '^(running|degraded)$'; }
failed() { in_box systemctl --failed --plain --no-legend; }
until_true 30 'the box is up' is_up
# What this machine does not let a box do is not the package's fault.
failed_before=$(failed)
install() { in_box dpkg -i "/run/packages/$(basename "$1")" 2>&1; }
main_pid() { in_box systemctl show davy --property=MainPID --value; }
state() { in_box systemctl is-active davy || true; }
answers() { in_box bash -c 'exec 3<>/dev/tcp/127.0.0.1/8080; printf "GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n" >&3; head -1 <&3' | grep ' 200' >/dev/null; }
about() { in_box stat -c '%U:%G %a' "$1"; }
logged() { in_box journalctl --unit davy --no-pager | grep "$1" >/dev/null; }
# As the gateway sees the file system.
within() { local pid; pid=$(main_pid); in_box nsenter --target "$pid" --mount "$@"; }

install "$older" | tee "$boxes/words" | sed 's/^/    /'
grep -q 'davy init /etc/davy' "$boxes/words" || fail 'the way on is not said'
is 'the user' 'davy:x:/var/lib/davy:/usr/sbin/nologin' "$(in_box getent passwd davy | awk -F: '{print $1":"$2":"$6":"$7}')"
is 'its groups' 'davy dialout gpio' "$(in_box id -nG davy)"
for folder in /etc/davy /var/lib/davy; do is "$folder" 'davy:davy 750' "$(about $folder)"; done
is 'the service before the set-up' 'inactive enabled no' \
  "$(state) $(in_box systemctl is-enabled davy) $(in_box systemctl show davy --property=ConditionResult --value)"
is 'nothing failed by it' "$failed_before" "$(failed)"
say 'installed: user, groups, folders; enabled, and skipped without a configuration'

# --- Serial ports, where this machine has one: what the rules of udev make of it.
serial=$(in_box bash -c 'ls -d /sys/class/tty/ttyS* 2>/dev/null | head -1')
if [ -n "$serial" ] && in_box davy doctor --serial | grep "/dev/${serial##*/}" >/dev/null; then
  name=${serial##*/}
  in_box mknod -m 600 "/dev/$name" c $(in_box sed 's/:/ /' "$serial/dev")
  in_box bash -c 'davy doctor --serial --rules >/etc/udev/rules.d/71-davy-serial.rules'
  in_box udevadm test --action=add "$serial" >"$boxes/udev" 2>&1 || fail "udevadm: $(cat "$boxes/udev")"
  if grep -E '7[01]-davy[a-z-]*\.rules:[0-9]+.*([Ii]nvalid|[Uu]nknown|ignor|[Ff]ail)' "$boxes/udev"; then fail 'udev does not understand the rules'; fi
  is 'the port' 'root:dialout 660' "$(about "/dev/$name")"
  is 'its name on the box' "/dev/$name" "$(in_box realpath /dev/davy/rs485-1)"
  in_box davy doctor --serial | sed 's/^/    /'
  in_box rm -r /etc/udev/rules.d/71-davy-serial.rules /dev/davy "/dev/$name"
  say 'udev gives the serial port its group and its name'
else
  say 'left out: this machine has no serial port on which the rules of udev could be tried'
fi

in_box systemd-analyze verify --man=no /usr/lib/systemd/system/davy.service || fail 'systemd finds something wrong with the unit'
in_box systemd-analyze security --no-pager --threshold=20 davy | tail -1 | sed 's/^/    /'
in_box systemd-analyze security --no-pager --threshold=20 davy >/dev/null || fail 'systemd-analyze security gives more than 2.0'

# --- First set-up, and the run.
# By root, as people do it; what it makes is the gateway's.
in_box davy init /etc/davy --company-code 330100123 --gateway-id gw-1 --name box --author test >/dev/null
for file in gateway.toml risk risk/units.csv; do is "/etc/davy/$file" davy:davy "$(in_box stat -c %U:%G "/etc/davy/$file")"; done
in_box systemctl start davy
is 'the service' active "$(state)"
until_true 10 'the page answers' answers
pid=$(main_pid)
is 'its user' davy "$(in_box stat -c %U "/proc/$pid")"
is 'its rights' '0000000000000000 1 2' "$(in_box awk '/^CapEff|^NoNewPrivs|^Seccomp:/ {print $2}' "/proc/$pid/status" | paste -sd' ')"
for place in /usr/bin /etc /var/log /boot; do
  if within touch "$place/x" 2>/dev/null; then fail "the gateway's file system lets $place be written"; fi
done
for place in /etc/davy /var/lib/davy /tmp; do within touch "$place/.x" || fail "$place cannot be written"; within rm "$place/.x"; done
# A device that is not named: root may open it elsewhere, and not among the gateway's processes.
in_box mknod /run/log-of-kernel c 1 11
in_box bash -c ': </run/log-of-kernel' || fail 'this machine does not let /dev/kmsg be opened, so nothing is shown of devices'
among='echo $$ >/sys/fs/cgroup/system.slice/davy.service/cgroup.procs'
in_box bash -c "$among; : </dev/null" || fail 'the gateway cannot open /dev/null'
if in_box bash -c "$among; : </run/log-of-kernel" 2>/dev/null; then fail 'the gateway could open any device'; fi
is 'the set-up code' 'davy:davy 600' "$(about /var/lib/davy/setup-code)"
until_true 5 'the log is in the journal' logged 'Davy: http://127.0.0.1:8080'
in_box systemctl reload davy
is 'the service after a reload' "active $pid" "$(state) $(main_pid)"
say 'runs as its user without rights, writes its two folders alone, answers, reloads'

# What if is played by a child, with the processor last: the same fences around what it does.
in_box bash -e <<'WHAT_IF'
sed -e 's|^ExecStart=.*|ExecStart=/usr/bin/davy replay --background|' -e 's/^Type=.*/Type=oneshot/' -e '/^Restart=/d; /^WatchdogSec=/d' \
  /usr/lib/systemd/system/davy.service >/run/systemd/system/what-if.service
systemctl daemon-reload
systemctl start what-if
WHAT_IF
if in_box journalctl --unit what-if --no-pager | grep -iE 'not permitted|denied'; then fail 'what if is kept from its work by the hardening'; fi
say 'what if runs within the same fences'

# --- It dies, it hangs.
restarted() { [ "$(state)" = active ] && [ "$(main_pid)" != "$1" ]; }
in_box bash -c "kill -KILL $pid"
until_true 20 'it is started again after a kill' restarted "$pid"
in_box mkdir -p /run/systemd/system/davy.service.d
in_box bash -c 'printf "[Service]\nWatchdogSec=2\n" >/run/systemd/system/davy.service.d/soon.conf; systemctl daemon-reload; systemctl restart davy'
pid=$(main_pid)
in_box bash -c "kill -STOP $pid"
until_true 30 'it is started again when it hangs' restarted "$pid"
until_true 5 'the journal says that it was the watchdog' logged 'Watchdog timeout'
in_box bash -c 'rm -r /run/systemd/system/davy.service.d; systemctl daemon-reload; systemctl restart davy'
say 'is started again after a kill, and by the watchdog when it hangs'

# --- Another version, later and earlier: what a person installs runs.
for package in "$newer" "$older" "$newer"; do
  pid=$(main_pid)
  in_box runuser -u davy -- mkdir -p /var/lib/davy/releases
  in_box runuser -u davy -- touch /var/lib/davy/releases/state.json
  install "$package" >/dev/null || fail "dpkg -i $(basename "$package")"
  is 'the service' active "$(state)"
  [ "$(main_pid)" != "$pid" ] || fail 'the old version still runs'
  until_true 10 'the page answers' answers
  if in_box test -e /var/lib/davy/releases/state.json; then fail 'an update that was installed before stands in the way'; fi
  in_box test -s /etc/davy/gateway.toml || fail 'the configuration is gone'
done
in_box systemctl disable --quiet davy
install "$older" >/dev/null
is 'what a person has disabled' disabled "$(in_box systemctl is-enabled davy || true)"
in_box systemctl enable --quiet davy
say 'updated and taken back: the installed version runs, the configuration stays, disabled stays disabled'

# --- An orderly stop.
in_box systemctl stop davy
is 'the stop' 'inactive success' "$(state) $(in_box systemctl show davy --property=Result --value)"
in_box runuser -u davy -- davy verify --data /var/lib/davy | sed 's/^/    /' | tail -3
in_box runuser -u davy -- davy verify --data /var/lib/davy >/dev/null || fail 'the journal is not whole'
say 'stopped in order, and the journal is whole'

# --- What root does at the console belongs to the gateway, which must read and change it.
in_box bash -c 'echo "# changed" >>/etc/davy/gateway.toml'
in_box davy config rollback 1 --by test --reason test --config /etc/davy --data /var/lib/davy --apply >/dev/null
if in_box davy update install /etc/hostname --by test --config /etc/davy --data /var/lib/davy 2>/dev/null; then fail 'a file that is no release was installed'; fi
is 'whose it is' 'davy davy davy' "$(in_box stat -c %U /etc/davy/.davy-change /etc/davy/gateway.toml /var/lib/davy/releases/state.json | paste -sd' ')"
in_box systemctl start davy
until_true 10 'the gateway starts after that' answers
until_true 10 'the change is told' in_box bash -c '! test -e /etc/davy/.davy-change'
in_box systemctl stop davy
say 'what root does at the console belongs to the gateway, which goes on with it'

# --- A read-only root, and a data partition.
in_box bash -e <<'READ_ONLY'
mkdir -p /data
mount -t tmpfs tmpfs /data
mkdir -p /data/etc /data/var/lib
cp -a /etc/davy /data/etc/davy
cp -a /var/lib/davy /data/var/lib/davy
cp /usr/share/doc/davy/examples/read-only-root/*.mount /etc/systemd/system/
systemctl daemon-reload
systemctl enable --quiet --now etc-davy.mount var-lib-davy.mount
mkdir -p /etc/systemd/journald.conf.d
printf '[Journal]\nStorage=volatile\n' >/etc/systemd/journald.conf.d/volatile.conf
systemctl restart systemd-journald
mount -o remount,bind,ro /
if touch /etc/x 2>/dev/null; then echo 'the root can be written'; exit 1; fi
systemctl start davy
READ_ONLY
until_true 10 'the page answers on a read-only root' answers
within touch /etc/davy/.x || fail '/etc/davy cannot be written on a read-only root'
within mv /etc/davy/.x /etc/davy/.y
in_box test -e /data/etc/davy/.y || fail 'the configuration is not on the data partition'
within rm /etc/davy/.y
in_box bash -e <<'READ_ONLY'
systemctl stop davy
mount -o remount,bind,rw /
systemctl disable --quiet --now etc-davy.mount var-lib-davy.mount
rm /etc/systemd/system/etc-davy.mount /etc/systemd/system/var-lib-davy.mount
systemctl daemon-reload
READ_ONLY
say 'runs on a read-only root with both folders on a data partition'

# --- Removed, installed again, purged.
in_box systemctl start davy
in_box dpkg --remove davy >/dev/null 2>&1
is 'the service after removal' inactive "$(state)"
in_box test -s /etc/davy/gateway.toml || fail 'removal took the configuration'
in_box test -e /var/lib/davy/davy-1.db || fail 'removal took the journal'
in_box id davy >/dev/null || fail 'removal took the user'
install "$older" >/dev/null
is 'the service after another installation' 'active enabled' "$(state) $(in_box systemctl is-enabled davy)"
in_box dpkg --purge davy 2>&1 | tee "$boxes/words" | sed 's/^/    /'
grep -q 'are kept' "$boxes/words" || fail 'what is kept is not said'
if in_box test -e /etc/davy; then fail 'purging left the configuration'; fi
in_box test -e /var/lib/davy/davy-1.db || fail 'purging took the journal'
is 'the user who owns the journal' 'davy:davy 750' "$(about /var/lib/davy)"
is 'what systemd knows' 'not-found' "$(in_box systemctl is-enabled davy 2>/dev/null || echo not-found)"
say 'removal keeps configuration and journal; purging takes the configuration and keeps the journal, and says so'
box_end box

# --- In an image that is made: no service manager runs.
box_begin image sleep infinity
in_image() { box image "$@"; }
in_image dpkg -i "/run/packages/$(basename "$newer")" >/dev/null 2>&1 || fail 'it cannot be installed into an image'
is 'enabled for the first start' multi-user.target.wants/davy.service \
  "$(in_image bash -c 'cd /etc/systemd/system; ls -d multi-user.target.wants/davy.service')"
in_image runuser -u davy -- davy init /etc/davy --company-code 330100123 --gateway-id gw-1 --name box --author test >/dev/null
in_image bash -ec '
  runuser -u davy -- davy run --config /etc/davy --data /var/lib/davy >/tmp/said 2>&1 & first=$!
  for i in $(seq 100); do grep -q "Davy: http" /tmp/said && break; sleep 0.1; done
  grep "Davy: http" /tmp/said
  kill -TERM "$(cat /proc/$first/task/$first/children)"
  wait $first' | sed 's/^/    /' || fail 'it does not run and stop without a service manager'
in_image runuser -u davy -- davy verify --data /var/lib/davy >/dev/null || fail 'the journal is not whole'
in_image dpkg --purge davy >/dev/null 2>&1 || fail 'it cannot be purged in an image'
box_end image
say 'is installed into an image, runs without a service manager, stops at SIGTERM with a whole journal'
echo 'the package holds'
