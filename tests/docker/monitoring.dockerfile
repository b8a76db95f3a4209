# For machines that reach no registry: images in the place of those that compose.yaml names for the profile `monitoring`, with
# the user, paths and port of those. `base` is Debian 12.
ARG base

# Debian's Prometheus, which is a real one.
FROM $base AS prometheus
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends prometheus \
 && install -d -o 65534 -g 65534 /prometheus
USER 65534:65534
WORKDIR /prometheus
VOLUME /prometheus
EXPOSE 9090
ENTRYPOINT ["prometheus"]
CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]

# Debian has no Grafana.
FROM $base AS grafana
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends python3 python3-yaml \
 && install -d -o 472 -g 0 -m 777 /var/lib/grafana
COPY grafana.py /
ENV GF_PATHS_DATA=/var/lib/grafana GF_PATHS_PROVISIONING=/etc/grafana/provisioning
USER 472:0
EXPOSE 3000
ENTRYPOINT ["python3", "-B", "/grafana.py"]
