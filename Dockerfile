# One image for the bot and its one-off commands. docs/deploy.md says how to build it and how to pin both bases by digest.
ARG NODE_IMAGE=node:24.21.0-trixie-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian13:nonroot

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# What the lock file says. No package may run a script of its own here.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY LICENSE ./
COPY deploy/bundle.ts deploy/bundled-packages.ts deploy/bill-of-materials.ts deploy/licenses.ts ./deploy/
COPY src ./src
RUN node deploy/bundle.ts
# The same modes whatever the umask of the checkout was; /data is for the embedded store, where no DATABASE_URL is given.
RUN chmod -R u=rwX,go=rX package.json LICENSE dist && mkdir -p /stage && mkdir -m 0700 /stage/data

# No shell, no package manager: a base with the C and C++ libraries, and the Node that the tests run on.
FROM ${RUNTIME_IMAGE}
# Until the end: the base's own user would own what WORKDIR makes, and could put other code there.
USER 0:0
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Drawbridge" \
      org.opencontainers.image.description="A Slack bot that opens internal Cloud Run services through Cloudflare Tunnel and Access" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production \
    POLICY_FILE=/etc/drawbridge/drawbridge.yaml \
    DATA_DIR=/data
WORKDIR /app
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /usr/local/LICENSE /usr/local/share/doc/node/LICENSE
# What is in a folder keeps its mode; the folder that is copied itself would not.
COPY --from=build --chown=65532:65532 /stage/ /
# deploy/bundle.ts says why these two are not in the bundle.
COPY --from=build /app/node_modules/@electric-sql/pglite ./node_modules/@electric-sql/pglite
COPY --from=build /app/node_modules/@resvg ./node_modules/@resvg
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/dist ./dist
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/node"]
# As `npm start` has it: what is short-lived needs little room, and a larger one stays in memory while nothing happens.
CMD ["--max-semi-space-size=2", "dist/main.js"]
