#!/usr/bin/env bash
# enter.sh ROOT [--apart|--image] COMMAND…: with the folders of the kernel below ROOT, in a name space of its own:
# whatever was started in it ends with it. The command runs in ROOT; with --apart here, with a network that is nobody
# else's. With --image what it writes into /run stays.
set -euo pipefail
root=$1; shift
case ${1-} in --apart|--image) how=$1; shift ;; *) how= ;; esac

# shellcheck disable=SC2016
inside='
root=$1; how=$2; shift 2
mount --make-rprivate /
mount -t proc proc /proc
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
[ "$how" = --image ] || mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for name in null zero full random urandom; do touch "$root/dev/$name"; mount --bind "/dev/$name" "$root/dev/$name"; done
mkdir "$root/dev/shm"; mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s /proc/self/fd "$root/dev/fd"
if [ "$how" = --apart ]; then ip link set lo up; exec "$@"; fi
exec chroot "$root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  PIP_CERT=/etc/ssl/machine-ca.crt NODE_EXTRA_CA_CERTS=/etc/ssl/machine-ca.crt "$@"
'
[ "$how" != --apart ] || net=--net
exec unshare --mount --pid --fork --kill-child ${net:+"$net"} bash -euc "$inside" enter "$root" "$how" "$@"
