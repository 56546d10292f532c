#!/usr/bin/env bash
# Takes over what belongs to the name of this machine: its address and its disks. Runs at every boot, and is harmless to repeat.
set -euo pipefail
# shellcheck source=/dev/null
source /etc/starquake/node.env
export AWS_DEFAULT_REGION=$STARQUAKE_REGION

metadata=http://169.254.169.254/latest
token=$(curl -sSf -X PUT "$metadata/api/token" -H 'X-aws-ec2-metadata-token-ttl-seconds: 900')
instance=$(curl -sSf -H "X-aws-ec2-metadata-token: $token" "$metadata/meta-data/instance-id")

# The machine before this one may still be shutting down and hold them.
deadline=$((SECONDS + 600))
repeat_until() { # repeat_until <what is to hold> <command...>
  local holds=$1
  shift
  until $holds; do
    if ((SECONDS > deadline)); then
      echo "Not attached within ten minutes: $*" >&2
      exit 1
    fi
    "$@" >/dev/null || true
    sleep 5
  done
}

has_address() { ip -4 -o address show | grep -qF " $STARQUAKE_ADDRESS/"; }
has_volume() { [[ -b $device ]]; }

# Whatever holds anything is never formatted.
mount_disk() { # mount_disk <device> <folder>
  mkdir -p "$2"
  if ! mountpoint -q "$2"; then
    if ! blkid -p "$1" >/dev/null; then mkfs.xfs -q "$1"; fi
    mount -o noatime "$1" "$2"
  fi
  chown pulsar:pulsar "$2"
}

mount_volumes() {
  local letter=f pair device
  for pair in $STARQUAKE_VOLUMES; do
    local storage=${pair%%=*} volume=${pair#*=}
    device=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volume/-/}
    repeat_until has_volume aws ec2 attach-volume --volume-id "$volume" --instance-id "$instance" --device "/dev/sd$letter"
    mount_disk "$device" "/data/$storage"
    letter=$(tr f-o g-p <<<"$letter")
  done
}

# Journal and ledgers are apart: on two disks where there are two, else on two parts of one.
mount_local_disks() {
  local disks
  mapfile -t disks < <(find /dev/disk/by-id -name 'nvme-Amazon_EC2_NVMe_Instance_Storage_*' ! -name '*-part*' -exec readlink -f {} + | sort -u)
  case ${#disks[@]} in
    0)
      echo 'This type of instance has no disk of its own.' >&2
      exit 1
      ;;
    1)
      if ! blkid -p "${disks[0]}" >/dev/null; then
        local journal_mib=$(($(blockdev --getsize64 "${disks[0]}") / 1048576 / 10))
        printf 'label: gpt\nsize=%sMiB\n-\n' "$journal_mib" | sfdisk --quiet "${disks[0]}"
        udevadm settle --timeout=60
      fi
      mount_disk "${disks[0]}p1" /data/journal
      mount_disk "${disks[0]}p2" /data/ledgers
      ;;
    *)
      mount_disk "${disks[0]}" /data/journal
      mount_disk "${disks[1]}" /data/ledgers
      ;;
  esac
}

repeat_until has_address aws ec2 attach-network-interface \
  --network-interface-id "$STARQUAKE_INTERFACE" --instance-id "$instance" --device-index 1
mount_volumes
if [[ $STARQUAKE_LOCAL_DISKS == yes ]]; then mount_local_disks; fi
# What lies beside the data, as ZooKeeper's number.
cp -R /opt/starquake/data/. /data/
# Of another image the user may have had another number.
find /data -mindepth 1 ! -user pulsar ! -name lost+found -exec chown -h pulsar:pulsar {} +
