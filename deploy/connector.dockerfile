# The connector as a container: built from a checkout, run as a user without rights, ended by SIGTERM.
FROM node:24-bookworm-slim AS build
WORKDIR /starquake
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /starquake
COPY --from=build /starquake/package.json ./
COPY --from=build /starquake/node_modules ./node_modules
COPY --from=build /starquake/dist ./dist
USER node
EXPOSE 9464
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/live').then((a)=>process.exit(a.ok?0:1),()=>process.exit(1))"]
# It drains for 25 s; give it 40 before it is killed.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "--enable-source-maps", "dist/src/connector/main.js"]
