#!/usr/bin/env bash
# Runs a program of the distribution beside what serves: in little memory, as the administrator.
#   tool pulsar-admin brokers list starquake
set -euo pipefail
set -a
# shellcheck source=/dev/null
source /etc/pulsar/tools.env
set +a
# Tools of bookies have names of their own for the same.
export BOOKIE_MEM=$PULSAR_MEM BOOKIE_GC=$PULSAR_GC BOOKIE_GC_LOG=$PULSAR_GC_LOG BOOKIE_CONF=/etc/pulsar/bookkeeper.conf
# What they are asked for they tell by their log: that alone, without dates, and errors.
export BOOKIE_LOG_CONF=/opt/starquake/bin/tool-log.properties
program=/opt/pulsar/bin/$1
shift
exec "$program" "$@"
