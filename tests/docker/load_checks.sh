# For deploy/docker-test: a daemon that dies, and one that is replaced, while programs of both SDKs call it without a pause.
# shellcheck shell=sh

# begin_load PYTHON_FLAG CPP_FLAG…: starts both programs, and waits until each has results.
begin_load() {
  client load-python --entrypoint python3 -v "$PWD/tests/docker/load.py:/load.py:ro" python-client /load.py "$1"
  shift
  client load-cpp --entrypoint sh -v "$PWD/tests/docker/load.sh:/load.sh:ro" -v "$own-load:/tmp" client /load.sh "$@"
  results_come
}

# count NAME: results that a program has told.
count() {
  case $1 in
    load-python) docker logs "$own-$1" 2> /dev/null | grep -E '^[0-9]+$' | tail -1 ;;
    load-cpp) docker logs "$own-$1" 2> /dev/null | grep -c '^true$' ;;
  esac
}

# has_more NAME COUNT
has_more() {
  [ "$(count "$1")" -gt "$2" ]
}

# Until both programs have another two hundred.
results_come() {
  for name in load-python load-cpp; do
    before=$(count $name || true)
    eventually 120 "$name has no more results" has_more $name $((${before:-0} + 200))
  done
}

# Each call that was made has succeeded.
end_load() {
  docker exec "$own-load-cpp" touch /tmp/stop
  docker kill --signal=TERM "$own-load-python" > /dev/null
  for name in load-python load-cpp; do
    code=$(docker wait "$own-$name")
    docker logs "$own-$name" > "$scratch/output" 2>&1
    [ "$code" = 0 ] || fail "$name has ended with $code: $(tail -8 "$scratch/output")"
    echo "docker-test: $name: $(grep ' made, ' "$scratch/output")"
    docker rm -f -v "$own-$name" > /dev/null
  done
  docker volume rm "$own-load" > /dev/null
}

# What was accepted runs, what was running is attempted again, as those who call have asked for.
jobs_survive_a_kill() {
  begin_load retry --executor=cpu --attempts=20 --retry-delay=100ms --retry-on daemon
  for _ in 1 2 3; do
    docker kill --signal=KILL "$(container_of futured)" > /dev/null
    compose up -d --no-deps futured > /dev/null
    daemon_is_back
    results_come
  done
  end_load
}

# As docker-compose up does for a new image: SIGTERM, and a new container with the same volume. Nothing is attempted twice.
upgrade_under_load_fails_nobody() {
  begin_load once --executor=cpu
  for _ in 1 2; do
    before=$(container_of futured)
    compose up -d --no-deps --force-recreate futured > /dev/null
    daemon_is_back
    [ "$(container_of futured)" != "$before" ] || fail 'the daemon was not replaced'
    results_come
  done
  end_load
}
