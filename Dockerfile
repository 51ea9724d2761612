# logferry in a container. How to run it, and what it may read: docs/containers.md.
#
#   docker build -t logferry:0.1.0 .
#
# Nothing in it is written but data_dir: run it with --read-only. No tini: the agent takes SIGTERM itself as process 1, and
# waits for the only children that it ever starts (flock, once, at the start).

FROM node:24-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build-kernel.mjs scripts/build-page.mjs scripts/
COPY src src
RUN npm run build && npm prune --omit=dev --ignore-scripts

# Not node's own image: npm, yarn and corepack are of no use to an agent, but to somebody who got into it.
FROM debian:trixie-slim
COPY --from=build /usr/local/bin/node /usr/local/bin/node
ENV NODE_ENV=production LOGFERRY_CONFIG=/etc/logferry/agent.config.json
WORKDIR /app
COPY package.json LICENSE deploy/docker/healthcheck.mjs ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# A named volume takes owner and mode from here; a folder of the host has to be given them: docs/containers.md.
RUN install -d -m 0700 -o 10001 -g 10001 /var/lib/logferry && node dist/main.js --version
USER 10001:10001
VOLUME /var/lib/logferry
EXPOSE 9465
STOPSIGNAL SIGTERM
# Where admin.listen has another port, set LOGFERRY_LIVE_URL.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["node", "healthcheck.mjs"]
# --disable-sigusr1: that signal never opens Node's inspector, not even before the first line has run. --v8-pool-size=1: 10 MiB
# less at the peak, as in the one executable.
ENTRYPOINT ["node", "--disable-sigusr1", "--v8-pool-size=1", "dist/main.js"]
CMD ["run"]
