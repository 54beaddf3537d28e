#!/usr/bin/env bash
# contain.sh ROOT UID GID GROUPS ENVIRONMENT MOUNTS COMMAND…: a program as Docker runs it by compose.yaml: the root file
# system read-only, volumes and memory where MOUNTS say so (lines such as "WHAT=PLACE", or "=PLACE"), no capability.
set -euo pipefail
if [ -z "${CONTAINED-}" ]; then CONTAINED=1 exec unshare --mount "$0" "$@"; fi
root=$1 uid=$2 gid=$3 groups=$4; mapfile -t environment <<< "$5"; mapfile -t mounts <<< "$6"; shift 6

mount --make-rprivate /
for mount in "${mounts[@]}"; do mkdir -p "$root/${mount#*=}"; done
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for name in null zero full random urandom; do touch "$root/dev/$name"; mount --bind "/dev/$name" "$root/dev/$name"; done
mkdir "$root/dev/shm"; mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s /proc/self/fd "$root/dev/fd"; ln -s /proc/self/fd/1 "$root/dev/stdout"; ln -s /proc/self/fd/2 "$root/dev/stderr"
for mount in "${mounts[@]}"; do
  what=${mount%%=*} place=$root/${mount#*=}
  if [ "$what" ]; then mount --bind "$what" "$place"; else mount -t tmpfs -o mode=1777 tmpfs "$place"; fi
done
exec chroot "$root" /usr/bin/setpriv --reuid "$uid" --regid "$gid" --groups "$groups" --bounding-set=-all \
  --inh-caps=-all --no-new-privs /usr/bin/env -i "${environment[@]}" "$@"
