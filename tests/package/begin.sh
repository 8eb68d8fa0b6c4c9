# Makes the file system of a box and becomes its first process: `begin.sh LOWER UPPER FIRST…`. It runs in namespaces of its own, so
# every mount is gone with it.
set -euo pipefail
lower=$1 upper=$2; shift 2
mount --make-rprivate /
ip link set lo up
mount -t tmpfs tmpfs "$upper"
mkdir "$upper/changed" "$upper/work" "$upper/root"
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$upper/changed,workdir=$upper/work" "$upper/root"
root=$upper/root
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/sys/fs/cgroup"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for name in null zero full random urandom tty; do
  touch "$root/dev/$name"
  mount --bind "/dev/$name" "$root/dev/$name"
done
mkdir "$root/dev/shm" "$root/dev/pts" "$root/old"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
# The packages, to be installed from there.
mkdir "$root/run/packages"
mount --bind "${DAVY_PACKAGES:-$upper/work}" "$root/run/packages"
cd "$root"
pivot_root . old
umount -l /old
rmdir /old
touch /run/begun
exec env -i container=box PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
