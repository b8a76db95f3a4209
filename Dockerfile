# Two images, by --target: `futured` is the daemon, `futured-python` adds Python workers and the Python SDK. The stage
# before them builds both.
FROM debian:bookworm-slim AS build
WORKDIR /src
COPY deploy/install-packages deploy/packages.txt deploy/
RUN deploy/install-packages build image-build web
COPY . .
RUN cmake --preset release -DFUTURED_BUILD_TESTS=OFF -DFUTURED_BUILD_BENCH=OFF \
 && cmake --build --preset release \
 && cmake --install build/release --prefix /opt/futured --component runtime --strip
RUN pip install --no-deps --no-build-isolation --root=/opt/futured-python --root-user-action=ignore ./client/python

# An unprivileged user with nothing but the daemon, the programs that it starts workers by, its command line tool, their
# shared libraries, and openssl for those who make certificates with it. Only the data directory is written to: the root
# file system may be read-only. Debian's packages of gRPC and protobuf have libraries that nothing here uses: 9 MB.
FROM debian:bookworm-slim AS futured
COPY deploy/install-packages deploy/packages.txt /tmp/
RUN /tmp/install-packages run image \
 && apt-get clean && rm -rf /var/lib/apt/lists/* /var/cache/debconf/*-old /var/log/* /tmp/install-packages /tmp/packages.txt \
      /usr/lib/*/libgrpc_unsecure.so.* /usr/lib/*/libgrpc++_unsecure.so.* /usr/lib/*/libgrpc_plugin_support.so.* \
      /usr/lib/*/libprotoc.so.* \
 && groupadd --gid 7070 futured \
 && useradd --uid 7070 --gid 7070 --no-create-home --home-dir /var/lib/futured --shell /usr/sbin/nologin futured \
 && install -d -o futured -g futured -m 700 /var/lib/futured
COPY --from=build /opt/futured /usr/local
# By number, so that Kubernetes can tell that it is not root.
USER 7070:7070
# TLS where it is configured, and HTTP.
EXPOSE 7443 7071
# Where futures survive the container.
VOLUME /var/lib/futured
# By the loopback listener, which answers this without credentials.
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s CMD ["futuredctl", "health"]
# As it comes, the daemon listens on the loopback interface of its container. To serve others it needs a configuration with
# TLS and identities; deploy/compose.yaml has one.
ENV FUTURED_DATA_DIR=/var/lib/futured
ENTRYPOINT ["futured"]

# The same with `python3 -m futured.worker` and `import futured`, and an executor `python`.
FROM futured AS futured-python
USER root
COPY deploy/install-packages deploy/packages.txt /tmp/
RUN /tmp/install-packages run-python \
 && apt-get clean && rm -rf /var/lib/apt/lists/* /var/cache/debconf/*-old /var/log/* /tmp/install-packages /tmp/packages.txt
COPY --from=build /opt/futured-python /
COPY deploy/python.toml /etc/futured/futured.toml
ENV FUTURED_CONFIG=/etc/futured/futured.toml
USER 7070:7070
