#!/usr/bin/env bash
# Tells whether something is well; with a number of seconds it is asked again until it is, or the time is over.
#   check zookeeper|bookie|broker|proxy|standalone|connector|metadata|brokers|copies [seconds]
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
    # No ledger lacks a copy.
    copies) ! /opt/starquake/bin/tool bookkeeper shell listunderreplicated 2>/dev/null | grep -qE '^[0-9]+' ;;
    *)
      echo "Nobody knows what \"$1\" is." >&2
      exit 2
      ;;
  esac
}

deadline=$((SECONDS + ${2:-0}))
until is_well "$1"; do
  if ((SECONDS >= deadline)); then
    echo "$1 is not well." >&2
    exit 1
  fi
  sleep 2
done
