#!/usr/bin/env bash
# Starts a process of this machine again. What serves clients is taken out of service first: load balancers are answered 404 then.
#   restart zookeeper|bookie|broker|proxy|standalone|connector
set -euo pipefail
unit=starquake-$1.service
status=/etc/pulsar/in-service

case $1 in
  broker | proxy | standalone)
    # Without the file nothing is well that is up: it comes back whatever happens.
    trap 'echo OK >"$status"' EXIT
    rm -f "$status"
    # A load balancer asks every ten seconds, and believes it after three answers.
    if [[ $1 == proxy ]]; then sleep 35; fi
    systemctl stop "$unit"
    echo OK >"$status"
    systemctl start "$unit"
    ;;
  *) systemctl restart "$unit" ;;
esac
