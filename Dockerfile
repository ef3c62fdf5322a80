# One image for every command: aggregators, the operator, and runs on a laptop.
#
#   docker buildx build --platform linux/amd64,linux/arm64 --build-arg VERSION=0.1.0 --tag registry.example/tidemark:0.1.0 .
#
# BASE may be any image with Node 24 and the C library of Debian 12 or newer; `node` is looked for in /nodejs/bin, where
# distroless has it, and in the usual places.
ARG BUILD=docker.io/library/node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d
ARG BASE=gcr.io/distroless/nodejs24-debian12:nonroot@sha256:14d42e2511532589a7c7e01a753667a74fcc96266e137e8125006b87b0c32d0a

FROM ${BUILD} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit
COPY tsconfig.json ./
COPY scripts/build.mjs scripts/prune-packages.mjs scripts/
COPY src src
COPY cdk8s cdk8s
# The Kubernetes client reads kubeconfigs, of which a pod has none: it would be a third of the image.
RUN npm run build && npm uninstall --omit=dev --no-audit @kubernetes/client-node && node scripts/prune-packages.mjs .

FROM ${BASE}
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Tidemark" \
      org.opencontainers.image.description="Moving averages over streaming stock trades" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production \
    PATH=/nodejs/bin:/usr/local/bin:/usr/bin:/bin
WORKDIR /app
COPY package.json LICENSE ./
COPY bin bin
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# By number: Kubernetes can't tell from a name that it is not root. Nothing in the image belongs to it.
USER 65532:65532
EXPOSE 8080
# Node itself is process 1, so that SIGTERM reaches it; nothing is written to the file system. Its young generation is
# kept small: trades leave no objects behind, and what fetches leave is freed sooner (275 MB at the peak become 180).
ENTRYPOINT ["node", "--max-semi-space-size=4", "/app/bin/tidemark.js"]
CMD ["--help"]
