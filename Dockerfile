FROM docker.io/library/rust:1.95-bookworm AS build
WORKDIR /build
# Build the dependencies in a layer of their own, which stays cached until one of them changes.
COPY Cargo.toml Cargo.lock ./
RUN mkdir src \
    && echo 'fn main() {}' > src/main.rs \
    && touch src/lib.rs \
    && cargo build --release --locked \
    && rm -r src
COPY askama.toml build.rs ./
COPY config config
COPY sql sql
COPY src src
# The timestamps must be newer than the placeholder build above.
RUN touch src/main.rs src/lib.rs \
    && cargo build --release --locked
# Debug information is three quarters of the binary. Function names are kept for profilers.
RUN strip --strip-debug target/release/rubrica

# The image has glibc, root certificates, an unprivileged user and no shell.
FROM gcr.io/distroless/cc-debian12:nonroot
ARG VERSION=development
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Rubrica" \
      org.opencontainers.image.description="A multi-tenant contacts service" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.licenses="LicenseRef-Proprietary"
COPY --from=build /build/target/release/rubrica /usr/local/bin/rubrica
# The user id is numeric, so that a cluster can verify that it is not root.
USER 65532:65532
EXPOSE 8080 9090
# As process 1 it gets SIGTERM directly and shuts down gracefully.
ENTRYPOINT ["/usr/local/bin/rubrica"]
CMD ["serve"]
