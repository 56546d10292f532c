#!/usr/bin/env bash
# Fetches Java, Pulsar and the connector, each checked against what the settings say; again with other versions for an upgrade in place.
set -euo pipefail
# shellcheck source=/dev/null
source /etc/starquake/node.env
export AWS_DEFAULT_REGION=$STARQUAKE_REGION
scratch=$(mktemp -d /var/tmp/starquake.XXXXXX)
trap 'rm -rf "$scratch"' EXIT

# The packages of the system come from S3 too.
packages=(jq openssl xfsprogs logrotate)
[[ $STARQUAKE_PULSAR_VERSION == none ]] || packages+=(java-21-amazon-corretto-headless)
[[ $STARQUAKE_MEASURES == no ]] || packages+=(amazon-cloudwatch-agent)
dnf install -y --quiet "${packages[@]}"

unpack() { # unpack <object> <sha256> <folder>
  local archive=$scratch/archive.tar.gz
  if [[ -e $3/.unpacked ]]; then return; fi
  aws s3 cp --only-show-errors "s3://$STARQUAKE_ARTEFACTS/$1" "$archive"
  echo "$2  $archive" | sha256sum --check --quiet
  rm -rf "$3"
  mkdir -p "$3"
  tar -xzf "$archive" -C "$3" --strip-components=1 --no-same-owner
  rm "$archive"
  touch "$3/.unpacked"
}

if [[ $STARQUAKE_PULSAR_VERSION != none ]]; then
  home=/opt/pulsar-$STARQUAKE_PULSAR_VERSION
  offloaders=/opt/pulsar-offloaders-$STARQUAKE_OFFLOADERS_VERSION
  unpack "pulsar/$STARQUAKE_PULSAR_VERSION/apache-pulsar-$STARQUAKE_PULSAR_VERSION-bin.tar.gz" "$STARQUAKE_PULSAR_SHA256" "$home"
  unpack "pulsar/$STARQUAKE_OFFLOADERS_VERSION/apache-pulsar-offloaders-$STARQUAKE_OFFLOADERS_VERSION-bin.tar.gz" \
    "$STARQUAKE_OFFLOADERS_SHA256" "$offloaders"
  ln -sfn "$offloaders/offloaders" "$home/offloaders"
  ln -sfn "$home" /opt/pulsar
fi
if [[ $STARQUAKE_CONNECTOR_VERSION != none ]]; then
  home=/opt/starquake-connector-$STARQUAKE_CONNECTOR_VERSION
  unpack "connector/$STARQUAKE_CONNECTOR_VERSION/starquake-connector-$STARQUAKE_CONNECTOR_VERSION-linux-arm64.tar.gz" \
    "$STARQUAKE_CONNECTOR_SHA256" "$home"
  ln -sfn "$home" /opt/starquake/connector
fi
