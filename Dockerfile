FROM docker.io/library/rust:1.95-bookworm AS build
WORKDIR /build
# The dependencies in a layer of their own: it stays until one of them changes.
COPY Cargo.toml Cargo.lock ./
RUN mkdir src \
    && echo 'fn main() {}' > src/main.rs \
    && touch src/lib.rs \
    && cargo build --release --locked \
    && rm -r src
COPY askama.toml ./
COPY config config
COPY sql sql
COPY src src
# Newer than what was built in the place of them.
RUN touch src/main.rs src/lib.rs \
    && cargo build --release --locked
# Line numbers are three quarters of the binary. The names of functions stay, for profilers.
RUN strip --strip-debug target/release/rubrica

# glibc, root certificates, a user without rights, and no shell.
FROM gcr.io/distroless/cc-debian12:nonroot
ARG VERSION=development
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Rubrica" \
      org.opencontainers.image.description="A multi-tenant contacts service" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.licenses="LicenseRef-Proprietary"
COPY --from=build /build/target/release/rubrica /usr/local/bin/rubrica
# By number, so that a cluster can see that it is not root.
USER 65532:65532
EXPOSE 8080 9090
# As process 1 it gets SIGTERM itself, and drains.
ENTRYPOINT ["/usr/local/bin/rubrica"]
CMD ["serve"]
