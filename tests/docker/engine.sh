# For deploy/docker-test: an engine, the base image, the images. Uses $scratch; sets $engine and $base_is_ours.
# shellcheck shell=sh
base=$(awk '/^FROM/ { print $2; exit }' Dockerfile)
base_is_ours=
engine=

# The engine that is there, or one of our own, which leaves the network of the machine as it is.
provide_engine() {
  docker info > /dev/null 2>&1 && return
  export DOCKER_HOST="unix://$scratch/engine.sock"
  dockerd --host="$DOCKER_HOST" --data-root="$scratch/data" --exec-root="$scratch/exec" \
    --pidfile="$scratch/engine.pid" --bridge=none --iptables=false --ip6tables=false --ip-forward=false \
    --ip-masq=false > "$scratch/engine.log" 2>&1 &
  engine=$!
  tries=0
  until docker info > /dev/null 2>&1; do
    tries=$((tries + 1))
    if [ $tries -gt 120 ] || ! kill -0 $engine 2> /dev/null; then
      tail -20 "$scratch/engine.log" >&2
      echo "docker-test: no engine" >&2
      exit 1
    fi
    sleep 0.5
  done
}

stop_engine() {
  kill "$engine" 2> /dev/null || true
  wait "$engine" || true
  awk -v within="$scratch/" 'index($2, within) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount
}

# From a registry, or made of Debian's packages, as large as the original.
provide_base() {
  docker image inspect "$base" > /dev/null 2>&1 && return
  base_is_ours=yes
  timeout 60 docker pull --quiet "$base" > /dev/null 2>&1 && return
  mmdebstrap --quiet --variant=minbase --include=usr-is-merged --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' --customize-hook='deploy/trust-as-here "$1"' bookworm - 2> "$scratch/base.log" |
    docker import - "$base" > /dev/null || { cat "$scratch/base.log" >&2; exit 1; }
}

# With the network of the machine, as an engine of our own has none that leads outside. The stage that builds is named, so
# that it can be removed.
build_images() {
  for target in "build $IMAGE-build" "futured $IMAGE" "futured-python $PYTHON_IMAGE"; do
    docker build --network=host --target="${target% *}" --tag="${target#* }" . >> "$scratch/build.log" 2>&1 || {
      tail -50 "$scratch/build.log" >&2
      fail "the image ${target% *} does not build"
    }
  done
}

remove_images() {
  [ -z "$images_are_ours" ] || docker image rm "$PYTHON_IMAGE" "$IMAGE" "$IMAGE-build" > /dev/null 2>&1 || true
  # shellcheck disable=SC2086
  docker image rm $pulled_images $stand_ins ${base_is_ours:+"$base"} > /dev/null 2>&1 || true
}
