#!/usr/bin/env bash
# Tells whether something is well; with a number of seconds it is asked again until it is, or the time is over.
#   check zookeeper|bookie|broker|proxy|standalone|connector|metadata|brokers|filled|copies [seconds]
# Asked once for `filled`, it ends with 3 when the bookie says that it is not, and with another status when nobody can tell.
set -euo pipefail
# shellcheck source=/dev/null
source /etc/starquake/node.env

answers() { curl -sSf -o /dev/null --max-time 5 "$1"; }
has_port() { timeout 5 bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null; }

is_well() {
  case $1 in
    zookeeper) [[ $(timeout 5 bash -c 'exec 3<>/dev/tcp/127.0.0.1/2181; printf ruok >&3; head -c 4 <&3') == imok ]] ;;
    bookie) answers http://127.0.0.1:8000/api/v1/bookie/is_ready ;;
    broker | proxy | standalone) answers http://127.0.0.1:8080/status.html ;;
    connector) answers http://127.0.0.1:9464/ready ;;
    brokers) has_port "brokers.$STARQUAKE_DOMAIN" 8443 ;;
    # Made once, by the first machine.
    metadata) /opt/starquake/bin/tool pulsar zookeeper-shell -server "$STARQUAKE_ZOOKEEPERS" get "/admin/clusters/$STARQUAKE_NAME" 2>/dev/null | grep -q serviceUrl ;;
    # A bookie that came back with empty disks has fetched what it should hold: the auditor counts none of that.
    filled)
      local event
      # A machine that ends while it compresses a log leaves half of that, beside the whole of the log.
      event=$(find /var/log/starquake -name 'bookie.log*' -printf '%T@ %p\n' | sort -n | cut -d' ' -f2 |
        { xargs --no-run-if-empty zcat -f 2>/dev/null || true; } | LC_ALL=C sed -nE 's/.*(PREBOOT_START|CLEAR_INTEGCHECK_FLAG).*/\1/p' | tail -n 1) || return 1
      if [[ $event == PREBOOT_START ]]; then return 3; fi
      ;;
    # No ledger lacks a copy. Who cannot tell is not well; what the tool logs is on the same output.
    copies)
      local listed
      listed=$(/opt/starquake/bin/tool bookkeeper shell listunderreplicated 2>/dev/null) && ! grep -qxE '[0-9]+' <<<"$listed"
      ;;
    *)
      echo "Nobody knows what \"$1\" is." >&2
      exit 2
      ;;
  esac
}

deadline=$((SECONDS + ${2:-0}))
until is_well "$1"; do
  status=$?
  if ((SECONDS >= deadline)); then
    echo "$1 is not well." >&2
    if [[ $1 == filled && $# == 1 && $status == 3 ]]; then exit 3; fi
    exit 1
  fi
  sleep 2
done
