# logferry in a container. Nothing in it is written but data_dir: run it with --read-only.
#
#   docker build -t logferry .
#   docker run --read-only --cap-drop ALL --security-opt no-new-privileges --stop-timeout 40 --group-add 4 \
#     -v /etc/logferry:/etc/logferry:ro -v /var/log:/var/log:ro -v logferry-data:/var/lib/logferry logferry
#
# --group-add 4 is Debian's adm, which may read /var/log. --stop-timeout is above shutdown_timeout, so that a stop can
# drain. The admin port listens on the container's own loopback; for Prometheus set admin.listen to 0.0.0.0:9465
# (paths and event contents stay behind admin.token) and publish it.

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production LOGFERRY_CONFIG=/etc/logferry/agent.config.json
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
RUN install -d -m 0700 -o 10001 -g 10001 /var/lib/logferry
USER 10001:10001
VOLUME /var/lib/logferry
EXPOSE 9465
STOPSIGNAL SIGTERM
# Where admin.listen has another port, set LOGFERRY_LIVE_URL.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["node", "-e", "fetch(process.env.LOGFERRY_LIVE_URL ?? 'http://127.0.0.1:9465/health/live').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# --disable-sigusr1: that signal never opens Node's inspector, not even before the first line has run.
ENTRYPOINT ["node", "--disable-sigusr1", "dist/main.js"]
CMD ["run"]
