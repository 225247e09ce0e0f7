# syntax=docker/dockerfile:1
# Both images are pinned by version; to pin them by content too: --build-arg BASE=debian@sha256:...
# The last stage runs nothing, so BASE may also be a distroless one with glibc and libgcc (gcr.io/distroless/cc-debian12).
ARG BUILDER=rust:1.95.0-bookworm
ARG BASE=debian:12.11-slim

FROM ${BUILDER} AS builder
WORKDIR /build
COPY . .
# The build context has no .git: docker build --build-arg REVISION="$(git rev-parse --short=12 HEAD)" .
ARG REVISION=unknown
RUN REVISION="${REVISION}" deploy/build.sh \
    && install -d -m 0750 /state

FROM ${BASE}
ARG REVISION=unknown
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="replication_exporter" \
      org.opencontainers.image.description="Prometheus exporter for storage replication: Qumulo, Kaminario K2 / Silk, Veeam" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=builder /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=builder /build/LICENSE /usr/share/doc/replication_exporter/LICENSE
COPY --from=builder --chown=10094:10094 /state /var/lib/replication_exporter
COPY --from=builder /build/target/release/replication_exporter /usr/local/bin/replication_exporter
# Where facts.json goes unless poll.state_file says otherwise, as under systemd.
ENV STATE_DIRECTORY=/var/lib/replication_exporter
# As under systemd: glibc keeps what each of many threads once needed.
ENV MALLOC_ARENA_MAX=2
USER 10094:10094
VOLUME /var/lib/replication_exporter
EXPOSE 10094
# Asks where REPLICATION_EXPORTER_WEB_LISTEN_ADDRESS says: in a container set that variable rather than the flag.
HEALTHCHECK --interval=30s --timeout=6s --start-period=10s CMD ["replication_exporter", "healthcheck"]
ENTRYPOINT ["replication_exporter"]
