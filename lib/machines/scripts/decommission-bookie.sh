#!/usr/bin/env bash
# Takes a bookie out of the cluster for good: it ends, what it held is copied to the others, its name is forgotten.
set -euo pipefail
# shellcheck source=/dev/null
source /etc/starquake/node.env
bookie=$STARQUAKE_HOST:3181

/opt/starquake/bin/check copies 600
# A reboot would tell the cluster again in which zone it is.
systemctl disable --now starquake-rack.service
systemctl disable --now starquake-bookie.service
runuser -u pulsar -- timeout 12h /opt/starquake/bin/tool bookkeeper shell decommissionbookie -bookieid "$bookie"
/opt/starquake/bin/check copies 600
/opt/starquake/bin/tool pulsar-admin bookies delete-bookie-rack --bookie "$bookie"
echo "$bookie holds nothing any more: lower production.bookies.count and deploy."
