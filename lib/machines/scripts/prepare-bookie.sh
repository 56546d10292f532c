#!/usr/bin/env bash
# Runs before every start of a bookie. One whose disks are empty marks, as it starts, the ledgers of which it must not say that they hold
# nothing; the marks are in its memory alone until it has fetched its copies. If it ended before that, it has to make them anew, or the next
# one who closes such a ledger believes it and cuts it off: a bookie makes them where its disks do not say whose they are.
set -euo pipefail

status=0
/opt/starquake/bin/check filled || status=$?
case $status in
  0) ;;
  3)
    echo 'It ended before it had fetched all that it should hold: it begins anew.'
    rm -f /data/journal/current/VERSION /data/ledgers/current/VERSION
    ;;
  # One that is full must not begin anew, and one that is not must not go on: its unit asks again.
  *)
    echo "Nobody can tell whether it had fetched all that it should hold: its logs could not be read (status $status)." >&2
    exit 1
    ;;
esac
