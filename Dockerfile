# Two stages: one builds, the other runs, as an unprivileged user, with nothing but the daemon, the programs that it
# starts workers by (libexec/futured), its command line tool and their shared libraries.
FROM debian:bookworm-slim AS build
WORKDIR /src
COPY deploy/install-packages deploy/packages.txt deploy/
RUN deploy/install-packages build
COPY . .
RUN cmake --preset release -DFUTURED_BUILD_TESTS=OFF -DFUTURED_BUILD_BENCH=OFF \
 && cmake --build --preset release \
 && cmake --install build/release --prefix /opt/futured --component runtime --strip

FROM debian:bookworm-slim
COPY deploy/install-packages deploy/packages.txt /tmp/
RUN /tmp/install-packages run \
 && apt-get clean && rm -rf /var/lib/apt/lists/* /tmp/install-packages /tmp/packages.txt \
 && useradd --system --no-create-home --shell /usr/sbin/nologin futured \
 && install -d -o futured -g futured -m 700 /var/lib/futured
COPY --from=build /opt/futured /usr/local
USER futured
EXPOSE 7070 7071
# Where futures survive the container.
VOLUME /var/lib/futured
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s CMD ["futuredctl", "health"]
# The daemon listens on the loopback interface only, as it has no authentication to refuse a stranger with. In a
# container that would be out of reach for everybody, and the network around the container decides who gets in: publish
# the port to 127.0.0.1 or to a network of your own, never to the world. Variables, so that flags can be added.
ENV FUTURED_DATA_DIR=/var/lib/futured \
    FUTURED_LISTEN=0.0.0.0:7070 \
    FUTURED_HTTP_LISTEN=0.0.0.0:7071 \
    FUTURED_HTTP_HOSTS=futured \
    FUTURED_LISTEN_INSECURELY_ON_ANY_INTERFACE=true
ENTRYPOINT ["futured"]
