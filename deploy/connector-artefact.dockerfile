# The connector as the machines of a platform fetch it: an archive with its own Node and the native client, for arm64.
#   docker buildx build --platform linux/arm64 -f deploy/connector-artefact.dockerfile --output type=local,dest=out .
#   sha256sum out/starquake-connector-*.tar.gz
# Built on the system of the machines, whose C library is older than that of other images.
FROM amazonlinux:2023 AS build
ARG NODE_VERSION=24.21.0
RUN dnf install -y --quiet tar gzip xz gcc-c++ make python3 && dnf clean all
WORKDIR /artefact/starquake-connector
RUN curl -sSfLO "https://nodejs.org/dist/v$NODE_VERSION/node-v$NODE_VERSION-linux-arm64.tar.xz" \
  && curl -sSf "https://nodejs.org/dist/v$NODE_VERSION/SHASUMS256.txt" | grep " node-v$NODE_VERSION-linux-arm64.tar.xz\$" | sha256sum --check --quiet \
  && tar -xJf "node-v$NODE_VERSION-linux-arm64.tar.xz" -C /usr/local --strip-components=1 \
  && rm "node-v$NODE_VERSION-linux-arm64.tar.xz" \
  && install -D -m 0755 /usr/local/bin/node bin/node
WORKDIR /starquake
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
# The client's addon is optional to npm, but not to the machines.
RUN npm run build && npm prune --omit=dev --no-audit --no-fund && node -e "import('pulsar-client').then(() => {})" \
  && cp -R package.json dist node_modules /artefact/starquake-connector/
RUN version=$(node -p "require('./package.json').version") && mkdir /out \
  && tar -C /artefact --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf - starquake-connector | gzip -n -9 \
  > "/out/starquake-connector-$version-linux-arm64.tar.gz"

FROM scratch
COPY --from=build /out/ /
