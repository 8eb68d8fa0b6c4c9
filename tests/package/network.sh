#!/usr/bin/env bash
# The example of a firewall, in a network of its own: plant, box and enterprise, a network namespace each, with the real nft and the real
# kernel. What is to be closed is first shown to be open without it.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
may_run

examples=$repository/firmware/package/network
here=$repository/tests/package
held=()
end() {
  local each
  for each in "${held[@]}"; do kill -KILL "$each" 2>/dev/null || true; done
  for each in "${held[@]}"; do wait "$each" 2>/dev/null || true; done
  clean_up
}
trap end EXIT

# A host is a process that stands in a network of its own, and the network goes with it.
declare -A host_of=()
apart() { [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
host() {
  unshare --net sleep infinity &
  held+=($!) host_of[$1]=$!
  until_true 5 "there is the network of the $1" apart $!
  on "$1" ip link set lo up
}
on() { local host=${host_of[$1]}; shift; nsenter --target "$host" --net "$@"; }
cable() { # card and address of the box, the other host and its address
  on box ip link add "$1" type veth peer name eth0 netns "${host_of[$3]}"
  on box ip address add "$2" dev "$1"
  on box ip link set "$1" up
  on "$3" ip address add "$4" dev eth0
  on "$3" ip link set eth0 up
}
listens() {
  local host=$1; shift
  # Not by `on`: the process that is ended afterwards is the listener itself.
  nsenter --target "${host_of[$host]}" --net python3 "$here/listen.py" "$@" >"$boxes/$host.ready" &
  held+=($!)
  until_true 5 "the $host listens" grep -q ready "$boxes/$host.ready"
}
# Whether HOST gets through, from its ADDRESS, to an address and a port.
tries() { on "$1" python3 "$here/connect.py" "$2" "$3" "$4"; }
gets() { local found; found=$(tries "$@"); [ "$found" = open ] || fail "$1 $2 should reach $3:$4 and does not: $found"; }
cannot() { local found; found=$(tries "$@"); [ "$found" != open ] || fail "$1 $2 reaches $3:$4"; }

for name in box plant enterprise; do host $name; done
plant=10.10.0.2 box_field=10.10.0.1 box_north=192.168.100.1 control_room=192.168.100.2 stranger=192.168.7.7
cable eth1 $box_field/16 plant $plant/16
cable eth0 $box_north/16 enterprise $control_room/16
on enterprise ip address add $stranger/16 dev eth0
# Both sides know the way through the box, as an attacker would.
on plant ip route add default via $box_field
on enterprise ip route add default via $box_north
listens box 8443 5020
listens plant 502 4840 22
listens enterprise 8883 443 9999

# --- As a machine is that nobody has set up, and forwards.
on box sysctl --quiet --write net.ipv4.ip_forward=1
gets plant $plant $control_room 443
gets enterprise $stranger $plant 502
gets enterprise $stranger $box_north 8443
gets plant $plant $box_north 8443
gets enterprise $control_room $box_north 5020
gets box $box_north $control_room 9999
say 'without the examples everything reaches everything'

# --- The settings of the kernel alone.
on box sysctl --quiet --load "$examples/60-davy.conf"
cannot plant $plant $control_room 443
cannot enterprise $control_room $plant 502
say 'with the sysctl alone nothing goes through the box'

# --- The firewall alone, on a box that forwards by mistake; loaded twice, as at a second start.
on box sysctl --quiet --write net.ipv4.ip_forward=1
for _ in 1 2; do on box nft --check --file "$examples/davy.nft"; on box nft --file "$examples/davy.nft"; done
cannot plant $plant $control_room 443
cannot enterprise $control_room $plant 502
say 'with the firewall alone nothing goes through the box, in no direction'

# --- As the examples say, both.
on box sysctl --quiet --load "$examples/60-davy.conf"
gets enterprise $control_room $box_north 8443
cannot enterprise $stranger $box_north 8443
cannot enterprise $control_room $box_north 5020
cannot enterprise $control_room $box_field 8443
cannot plant $plant $box_field 8443
cannot plant $plant $box_north 8443
cannot plant $plant $box_field 5020
say 'the page is reached from the control room, and from nowhere else'
gets box $box_field $plant 502
gets box $box_field $plant 4840
cannot box $box_field $plant 22
gets box $box_north $control_room 8883
gets box $box_north $control_room 443
cannot box $box_north $control_room 9999
say 'the box asks plant and enterprise on the ports that are named, and is answered'
is 'what the box refuses itself is told at once' 'refused' "$(tries box $box_north $control_room 9999 | cut -d: -f1)"
# A sender of the control room, seen at the card of the plant.
on plant ip address add $control_room/32 dev eth0
cannot plant $control_room $box_field 8443
echo 'the network holds'
