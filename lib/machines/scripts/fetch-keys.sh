#!/usr/bin/env bash
# Brings keys, certificates and tokens from Secrets Manager to where the processes read them: at boot, and every hour for what was renewed.
set -euo pipefail
# shellcheck source=/dev/null
source /etc/starquake/node.env
export AWS_DEFAULT_REGION=$STARQUAKE_REGION

# A new platform has no keys until its first machine has made them.
deadline=$((SECONDS + 1200))
read_secret() { # read_secret <secret> <a key that it has once it is made>
  local text
  until text=$(aws secretsmanager get-secret-value --secret-id "$1" --query SecretString --output text) &&
    jq -e --arg key "$2" 'has($key)' <<<"$text" >/dev/null; do
    if ((SECONDS > deadline)); then
      echo "There is nothing in $1 yet: was the first machine able to make the keys?" >&2
      exit 1
    fi
    sleep 10
  done
  printf '%s' "$text"
}

# Whoever reads a file finds the old or the new one, never a half.
put() { # put <file> <owner>
  install -m 0400 -o "$2" -g "$2" /dev/stdin "$1.new"
  mv -f "$1.new" "$1"
}

if [[ $STARQUAKE_SECRET_TLS != none ]]; then
  folder=/etc/pulsar/secrets
  install -d -m 0750 -o pulsar -g pulsar "$folder"
  tls=$(read_secret "$STARQUAKE_SECRET_TLS" caCertificate)
  tokens=$(read_secret "$STARQUAKE_SECRET_TOKENS" publicKey)
  jq -r .caCertificate <<<"$tls" | put "$folder/ca.pem" pulsar
  jq -r .key <<<"$tls" | put "$folder/node.key" pulsar
  jq -r .certificate <<<"$tls" | put "$folder/node.pem" pulsar
  jq -r .publicKey <<<"$tokens" | base64 -d | put "$folder/token-public.der" pulsar
  for role in broker proxy admin; do jq -j --arg role "$role" '.[$role]' <<<"$tokens" | put "$folder/$role.token" pulsar; done
fi
if [[ $STARQUAKE_SECRET_CONNECTOR != none ]]; then
  folder=/etc/starquake/secrets
  install -d -m 0750 -o starquake -g starquake "$folder"
  connector=$(read_secret "$STARQUAKE_SECRET_CONNECTOR" token)
  jq -r .caCertificate <<<"$connector" | put "$folder/ca.pem" starquake
  jq -j .token <<<"$connector" | put "$folder/connector.token" starquake
fi
