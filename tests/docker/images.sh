# For deploy/docker-test: the images by themselves, and as Kubernetes runs them.
# shellcheck shell=sh
max_image_size=120000000

image_is_small() {
  size=$(docker image inspect --format='{{.Size}}' "$IMAGE")
  echo "docker-test: image futured: $size bytes; futured-python: $(docker image inspect --format='{{.Size}}' "$PYTHON_IMAGE")"
  [ "$size" -lt $max_image_size ] || fail "the image has $size bytes, and may have $max_image_size"
}

# With the network of the machine, as build_images.
compose_builds_them() {
  [ -n "$images_are_ours" ] || return 0
  printf 'services:\n  credentials: {build: {network: host}}\n  futured: {build: {network: host}}\n' > "$scratch/network.yaml"
  compose -f "$scratch/network.yaml" build > "$scratch/build.log" || {
    tail -50 "$scratch/build.log" "$scratch/engine-says.log" >&2
    fail 'docker-compose does not build the images'
  }
}

# alone NAME IMAGE: a container with nothing but what the image brings.
alone() {
  docker run -d --name "$own-$1" --network=none --read-only --cap-drop=ALL --security-opt=no-new-privileges "$2" > /dev/null
  eventually 60 "the image $1 does not become healthy by itself" is_healthy "$own-$1"
  [ "$(docker exec "$own-$1" id -u)" = 7070 ] || fail "$1 runs as $(docker exec "$own-$1" id)"
}

images_run_alone() {
  alone small "$IMAGE"
  docker exec "$own-small" futuredctl executors | grep -q '^thread' || fail 'the image futured has no executor'
  alone python "$PYTHON_IMAGE"
  answer=$(docker exec "$own-python" python3 -c '
import futured
with futured.Executor() as executor:
    print(sum(executor.map(lambda number: number ** 2, range(10))))')
  [ "$answer" = 285 ] || fail "Python workers: $answer"
  docker exec "$own-python" python3 -c '
import urllib.request
print(urllib.request.urlopen("http://127.0.0.1:7071/", timeout=30).read().decode())' > "$scratch/output"
  grep -q '<script' "$scratch/output" || fail 'the image has no dashboard'
  for name in small python; do
    docker stop "$own-$name" > /dev/null
    code=$(docker inspect --format='{{.State.ExitCode}}' "$own-$name")
    [ "$code" = 0 ] || fail "the exit code of $name is $code"
    docker rm -v "$own-$name" > /dev/null
  done
}

# Volumes as the kubelet makes them: of root and the daemon's group, configuration for all to read, secrets for the group.
# The same user, environment and confinement as in stateful-set.yaml; the address of a pod is any here.
kubernetes_configuration_serves() {
  docker run --rm --network=none --user=root --entrypoint=sh -v "$COMPOSE_PROJECT_NAME"_server:/server:ro \
    -v "$PWD/deploy/kubernetes:/manifests:ro" -v "$own-secret:/secret" -v "$own-configuration:/configuration" \
    -v "$own-futures:/futures" "$IMAGE" -euc '
      cp /server/server.pem /server/server.key /server/tokens /secret
      cp /manifests/futured.toml /manifests/identities.toml /configuration
      chmod 644 /configuration/*
      chmod 440 /secret/*
      chmod 2775 /futures
      chown -R 0:7070 /secret /futures
      chown -R 0:0 /configuration
      chmod 755 /secret /configuration' || fail 'the volumes of a pod'
  docker run -d --name "$own-pod" --network="$COMPOSE_PROJECT_NAME"_default --read-only --cap-drop=ALL \
    --security-opt=no-new-privileges --user=7070:7070 --tmpfs=/tmp -v "$own-secret:/run/futured:ro" \
    -v "$own-configuration:/etc/futured:ro" -v "$own-futures:/var/lib/futured" \
    -e FUTURED_CONFIG=/etc/futured/futured.toml -e FUTURED_DATA_DIR=/var/lib/futured/data \
    -e FUTURED_HTTP_LISTEN=0.0.0.0:7071 -e FUTURED_LISTEN_INSECURELY_ON_ANY_INTERFACE=true "$IMAGE" \
    > /dev/null 2>> "$scratch/engine-says.log"
  eventually 30 'the daemon does not serve as a pod' \
    ctl --address="tls://$own-pod:7443" --server-name=futured executors
  docker rm -f "$own-pod" > /dev/null
}
