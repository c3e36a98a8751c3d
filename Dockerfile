# syntax=docker/dockerfile:1
# The base image's own Node runs the server, so node_modules needs no second one (the optional node-linux-* packages).
# Keep this version equal to theirs in package.json.
ARG NODE_VERSION=24.21.0

FROM node:${NODE_VERSION}-slim AS base
WORKDIR /app

# What lists the packages comes first: these layers stay cached until it changes.
FROM base AS manifests
COPY package.json package-lock.json .npmrc ./

FROM manifests AS build
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY .config .config
COPY libs libs
COPY src src
RUN node .config/build.mjs --force

# Optional packages are the embedded PostgreSQL and the pinned Node: neither has work to do in a container.
FROM manifests AS dependencies
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --omit=dev --omit=optional

FROM base AS production
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Without npm or a shell in between, so that SIGTERM reaches the server.
CMD ["node", "dist/src/main.js"]
