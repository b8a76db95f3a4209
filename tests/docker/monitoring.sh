# For deploy/docker-test: Prometheus and Grafana beside the daemon. Sets $pulled_images and $stand_ins.
# shellcheck shell=sh
pulled_images=
stand_ins=

monitoring() {
  compose --profile monitoring "$@"
}

# image_of SERVICE: its name, as compose.yaml has it.
image_of() {
  monitoring config | awk -v service="  $1:" '/^  [^ ]/ { within = $0 == service } within && $1 == "image:" { print $2 }'
}

# provide_image SERVICE VARIABLE: the image that compose.yaml names, or where no registry has it one that stands in for it,
# which the variable then names. One that the variable names already has to be there.
provide_image() {
  image=$(image_of "$1")
  docker image inspect "$image" > /dev/null 2>&1 && return
  timeout 60 docker pull --quiet "$image" > /dev/null 2>&1 && pulled_images="$pulled_images $image" && return
  [ -z "$(printenv "$2")" ] || fail "there is no image $image"
  provide_base
  docker build --network=host --build-arg=base="$base" --target="$1" --tag="$own-$1" \
    --file=tests/docker/monitoring.dockerfile tests/docker > "$scratch/build.log" 2>&1 || {
    tail -50 "$scratch/build.log" >&2
    fail "the image in the place of $image does not build"
  }
  stand_ins="$stand_ins $own-$1"
  export "$2=$own-$1"
  echo "docker-test: $1: no registry has $image; tests/docker/monitoring.dockerfile says what is in its place"
}

errors_of_prometheus() {
  docker logs "$(monitoring ps -q prometheus)" 2>&1 | grep -i level=error | tail -3
}

# As somebody sees them who opens both in a browser, but from within the network: ports may lead nowhere in an engine of
# our own.
monitoring_watches() {
  provide_image prometheus PROMETHEUS_IMAGE
  provide_image grafana GRAFANA_IMAGE
  compose --profile monitoring up -d > /dev/null || { cat "$scratch/engine-says.log" >&2; fail 'compose --profile monitoring up'; }
  docker run --rm --network="$COMPOSE_PROJECT_NAME"_default --entrypoint=python3 -v "$PWD/tests:/src/tests:ro" \
    -v "$PWD/deploy:/src/deploy:ro" "$PYTHON_IMAGE" -B /src/tests/docker/monitoring.py 120 \
    > "$scratch/output" 2>> "$scratch/engine-says.log" || fail "$(cat "$scratch/output"; errors_of_prometheus)"
  echo "docker-test: monitoring: $(cat "$scratch/output")"
  errors=$(errors_of_prometheus)
  [ -z "$errors" ] || fail "Prometheus says: $errors"
  monitoring rm -sf prometheus grafana > /dev/null
}
