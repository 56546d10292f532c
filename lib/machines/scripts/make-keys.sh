#!/usr/bin/env bash
# Makes the keys of a new platform, and renews certificates and tokens; only the keyholder may run it.
#   make-keys              what is not there yet
#   make-keys certificates certificates and tokens anew, signed as before: nobody notices
#   make-keys signing      also the key that signs tokens: brokers are started again one by one afterwards
set -euo pipefail
# shellcheck source=/dev/null
source /etc/starquake/node.env
export AWS_DEFAULT_REGION=$STARQUAKE_REGION
scope=${1:-missing}
umask 077
scratch=$(mktemp -d /run/starquake-keys.XXXXXX)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

DAYS=90
read_secret() { aws secretsmanager get-secret-value --secret-id "$1" --query SecretString --output text; }
write_secret() { aws secretsmanager put-secret-value --secret-id "$1" --secret-string "file://$2" >/dev/null; }

read_secret "$STARQUAKE_SECRET_AUTHORITY" >authority.json
is_new=no
if ! jq -e 'has("caKey")' authority.json >/dev/null; then
  is_new=yes
  openssl req -x509 -newkey rsa:3072 -nodes -days 3650 -subj "/CN=$STARQUAKE_NAME authority" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign -keyout ca.key -out ca.pem 2>/dev/null
else
  jq -r .caKey authority.json >ca.key
  jq -r .caCertificate authority.json >ca.pem
  jq -r .signingKey authority.json >signing.key
fi
if [[ $is_new == no && $scope == missing ]]; then
  if jq -e 'has("token")' <<<"$(read_secret "$STARQUAKE_SECRET_CONNECTOR")" >/dev/null; then exit 0; fi
fi
if [[ $is_new == yes || $scope == signing ]]; then
  openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out signing.key
  jq -n --rawfile caKey ca.key --rawfile caCertificate ca.pem --rawfile signingKey signing.key \
    '{caKey: $caKey, caCertificate: $caCertificate, signingKey: $signingKey}' >authority.json
  write_secret "$STARQUAKE_SECRET_AUTHORITY" authority.json
fi

printf 'subjectAltName=DNS:*.%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$STARQUAKE_DOMAIN" >extensions
openssl req -new -newkey rsa:2048 -nodes -subj "/CN=$STARQUAKE_DOMAIN" -keyout node.key -out node.csr 2>/dev/null
openssl x509 -req -in node.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days "$DAYS" -extfile extensions -out node.pem 2>/dev/null
jq -n --rawfile caCertificate ca.pem --rawfile certificate node.pem --rawfile key node.key \
  '{caCertificate: $caCertificate, certificate: $certificate, key: $key}' >tls.json

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
make_token() { # make_token <role>
  local text
  text=$(printf '{"alg":"RS256","typ":"JWT"}' | base64url).$(printf '{"sub":"%s","exp":%s}' "$1" "$(($(date +%s) + DAYS * 86400))" | base64url)
  printf '%s.%s' "$text" "$(printf '%s' "$text" | openssl dgst -sha256 -sign signing.key -binary | base64url)"
}
openssl pkey -in signing.key -pubout -outform DER | openssl base64 -A >public.b64
jq -n --rawfile publicKey public.b64 --arg admin "$(make_token admin)" --arg broker "$(make_token broker)" --arg proxy "$(make_token proxy)" \
  '{publicKey: $publicKey, admin: $admin, broker: $broker, proxy: $proxy}' >tokens.json
jq -n --rawfile caCertificate ca.pem --arg token "$(make_token connector)" '{caCertificate: $caCertificate, token: $token}' >connector.json

# The connector's goes last: it is the sign that all are there.
write_secret "$STARQUAKE_SECRET_TLS" tls.json
write_secret "$STARQUAKE_SECRET_TOKENS" tokens.json
write_secret "$STARQUAKE_SECRET_CONNECTOR" connector.json
