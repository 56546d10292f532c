#!/usr/bin/env bash
# Starts a process of this machine again. What serves clients is taken out of service first: load balancers are answered 404 then.
#   restart zookeeper|bookie|broker|proxy|standalone|connector
set -euo pipefail
unit=starquake-$1.service

case $1 in
  broker | proxy | standalone)
    # Its unit puts it back into service with its next start, whoever starts it.
    rm -f /etc/pulsar/in-service
    # A load balancer asks every ten seconds, and believes it after three answers.
    if [[ $1 == proxy ]]; then sleep 35; fi
    ;;
esac
systemctl restart "$unit"
