# Image Service in a container: the program, the libraries that it links, the API docs' assets.
# There is no shell and no package manager in it: what is not there cannot be used against it.
#
#   docker build -t image-service .
#   docker run -p 127.0.0.1:8001:8001 -e API_KEY=... -v images:/data image-service

# Debian 12 on both sides: what is copied below must be what was linked here.
FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libexif-dev libuv1-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# The versions of the dependencies are chosen anew only when the manifest changes.
COPY Package.swift ./
RUN --mount=type=cache,target=/src/.build swift package resolve
# The manifest names the test targets, so the package does not load without their files.
COPY Tests Tests
COPY Sources Sources
# What is compiled stays in the cache mount: a change of a source file compiles its target and those
# that import it, and never a dependency. SwiftPM itself makes a second build wait for the folder.
RUN --mount=type=cache,target=/src/.build \
    swift build -c release --static-swift-stdlib --product image-service \
    && install -D --strip .build/release/image-service /rootfs/usr/bin/image-service \
    && for license in .build/checkouts/*/LICENSE.txt .build/checkouts/*/NOTICE.txt; do \
        [ ! -e "$license" ] || install -D -m 644 "$license" \
            "/rootfs/usr/share/doc/image-service/${license#.build/checkouts/}"; \
    done
# Every shared library that the program may need, in the order of `sort`; the loader comes besides.
# A new one is to be looked at before it ships, so the build stops when this list is not exact. The
# last line has the loader find them all where the program will, with nothing else in reach.
ARG LIBRARIES="libc.so.6 libexif.so.12 libgcc_s.so.1 libm.so.6 libstdc++.so.6 libuv.so.1"
COPY LICENSE /rootfs/usr/share/doc/image-service/
RUN set -eu; \
    ldd /rootfs/usr/bin/image-service | awk '$2 == "=>" { print $3 } $1 ~ "^/" { print $1 }' \
        | LC_ALL=C sort >/tmp/libraries; \
    linked=$(sed 's,.*/,,' /tmp/libraries | grep -v '^ld-linux' | LC_ALL=C sort | xargs); \
    [ "$linked" = "$LIBRARIES" ] \
        || { echo "The program links $linked: bring LIBRARIES up to date." >&2; exit 1; }; \
    while read -r library; do \
        install -D "$library" "/rootfs$library"; \
        package=$(dpkg-query --search "*/${library##*/}" | head -n 1 | cut -d: -f1); \
        install -D -m 644 -t "/rootfs/usr/share/doc/$package" "/usr/share/doc/$package/copyright"; \
    done </tmp/libraries; \
    install -d /rootfs/etc; \
    echo 'image-service:x:65532:65532::/data:/usr/bin/image-service' >/rootfs/etc/passwd; \
    echo 'image-service:x:65532:' >/rootfs/etc/group; \
    install -d -m 700 /volume/data; \
    chroot /rootfs "$(grep /ld-linux /tmp/libraries)" --list /usr/bin/image-service

# Swagger UI for /docs, where the program looks for it unless DOCS_DIR says otherwise.
FROM python:3.11-slim-bookworm AS docs
WORKDIR /src
COPY scripts/install-docs scripts/
RUN scripts/install-docs /docs

FROM scratch
# Overridden by whoever publishes it; the version is the program's own.
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Image Service" \
    org.opencontainers.image.description="Hand out a link, get back a permanent content hash." \
    org.opencontainers.image.version="0.1.0" \
    org.opencontainers.image.revision="$REVISION" \
    org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /rootfs/ /
COPY --from=docs /docs/ /usr/share/image-service/docs/
# An empty volume takes owner and permissions from here, so that the user below may write to it.
COPY --from=build --chown=65532:65532 /volume/ /
# In a container, loopback would be reachable by nobody.
ENV HOST=0.0.0.0 DATA_DIR=/data
# 65532 is the number that other images without a shell use for a user without rights.
USER 65532:65532
VOLUME /data
EXPOSE 8001
# Alive, not ready: an orchestrator that kills the unhealthy must not kill one that reads its
# catalog or waits for the disk to have room again. Whether it takes uploads is what /readyz tells.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["/usr/bin/image-service", "healthcheck"]
ENTRYPOINT ["/usr/bin/image-service"]
CMD ["serve"]
