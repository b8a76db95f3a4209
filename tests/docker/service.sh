# For deploy/docker-test: the service of compose.yaml.
# shellcheck shell=sh

# From nothing but images, as somebody does who comes to it for the first time. Each client ends with what it says.
clients_get_their_work_done() {
  begin=$(date +%s%N)
  compose up -d > /dev/null || { cat "$scratch/engine-says.log" >&2; fail 'compose up'; }
  [ "$(docker wait "$(container_of client)")" = 0 ] || fail 'the client failed'
  end=$(date +%s%N)
  docker logs "$(container_of client)" > "$scratch/output" 2> /dev/null
  printf 'true\ntrue\ntrue\nfalse\n' | diff - "$scratch/output" >&2 || fail 'the client printed something else'
  [ "$(docker wait "$(container_of python-client)")" = 0 ] || fail 'the Python client failed'
  docker logs "$(container_of python-client)" > "$scratch/output" 2> /dev/null
  printf '285\nHELLO\n' | diff - "$scratch/output" >&2 || fail 'the Python client printed something else'
  echo "docker-test: from docker-compose up to the first result: $(((end - begin) / 100000000))" | sed 's/\(.\)$/.\1 s/'
  client client --entrypoint sleep client infinity
}

# refused CODE OPTION…: futuredctl list of the client, with other variables, ends with the code.
refused() {
  code=$1
  shift
  status=0
  docker exec "$@" "$own-client" futuredctl list > "$scratch/output" 2>&1 || status=$?
  [ "$status" = "$code" ] || fail "list with $* ended with $status: $(cat "$scratch/output")"
}

strangers_stay_out() {
  refused 8 -e FUTURED_TOKEN_FILE=
  refused 8 -e FUTURED_TOKEN_FILE= -e FUTURED_TOKEN=futured_0123456789012345678901234567890123456789012
  refused 4 -e FUTURED_CA_FILE=
  refused 4 -e FUTURED_ADDRESS=futured:7070 -e FUTURED_CA_FILE= -e FUTURED_TOKEN_FILE=
}

# Drained by its operator alone, a daemon takes nothing more; told so, it does again.
operator_drains() {
  ! ctl drain > "$scratch/output" 2>&1 || fail 'a client drained the daemon'
  compose run --rm -T operator drain --wait --timeout=60s > /dev/null || fail 'drain'
  ! docker exec -e FUTURED_RETRY=0 "$own-client" futuredctl submit math.is_prime 17 > "$scratch/output" 2>&1 ||
    fail 'a drained daemon took a task'
  grep -q DAEMON_DRAINING "$scratch/output" || fail "the refusal is another one: $(cat "$scratch/output")"
  compose run --rm -T operator drain --undo > /dev/null || fail 'drain --undo'
  [ "$(ctl submit --wait math.is_prime 17)" = true ] || fail 'no work is done after a drain'
}

# what_is_in: the owner, mode and name of each secret.
what_is_in() {
  docker run --rm --network=none --user=root --entrypoint=sh -v "$COMPOSE_PROJECT_NAME"_authority:/authority:ro \
    -v "$COMPOSE_PROJECT_NAME"_server:/server:ro -v "$COMPOSE_PROJECT_NAME"_client:/client:ro \
    -v "$COMPOSE_PROJECT_NAME"_operator:/operator:ro -v "$COMPOSE_PROJECT_NAME"_monitor:/monitor:ro "$IMAGE" -c "
      find /authority /server /client /operator /monitor ! -name '*.lock' $1"
}

secrets_are_their_readers_alone() {
  what_is_in "-printf '%U %m %p\n'" | sort -k3 > "$scratch/output"
  diff - "$scratch/output" >&2 << END || fail 'the secrets are not as they should be'
0 700 /authority
0 644 /authority/certificate.pem
0 600 /authority/key
7070 700 /client
7070 644 /client/ca.pem
7070 600 /client/token
65534 700 /monitor
65534 600 /monitor/token
7070 700 /operator
7070 644 /operator/ca.pem
7070 600 /operator/token
7070 700 /server
7070 600 /server/identities.toml
7070 600 /server/server.key
7070 644 /server/server.pem
7070 600 /server/tokens
END
  what_is_in '-type f -exec sha256sum {} +' | sort > "$scratch/before"
  compose run --rm credentials > /dev/null || fail 'credentials, once more'
  what_is_in '-type f -exec sha256sum {} +' | sort | diff "$scratch/before" - >&2 || fail 'secrets were made anew'
}

# By who has lost one, or lets it be replaced now and then. The old one is good until it is revoked.
tokens_are_replaced() {
  old=$(docker exec "$own-client" cat /run/futured/token)
  compose run --rm --entrypoint=rm credentials /client/token > /dev/null
  compose run --rm credentials > /dev/null
  compose kill -s HUP futured > /dev/null
  [ "$(docker exec "$own-client" cat /run/futured/token)" != "$old" ] || fail 'the token is the old one'
  eventually 30 'the new token is not taken' ctl list
  compose run --rm --user=7070:7070 --entrypoint=futuredctl credentials token list --file=/server/tokens > "$scratch/output"
  [ "$(grep -c app "$scratch/output")" = 2 ] || fail "there should be two tokens: $(cat "$scratch/output")"
  id=$(awk '/app/ { print $1; exit }' "$scratch/output")
  compose run --rm --user=7070:7070 --entrypoint=futuredctl credentials token revoke "$id" --file=/server/tokens > /dev/null
  compose kill -s HUP futured > /dev/null
  old_is_refused() { ! docker exec -e FUTURED_TOKEN_FILE= -e FUTURED_TOKEN="$old" "$own-client" futuredctl list; }
  eventually 30 'the old token is still taken' old_is_refused
  ctl list > /dev/null || fail 'the new token was revoked'
}

a_backup_is_made() {
  compose exec -T futured futured --backup /var/lib/futured/copy.db > /dev/null || fail 'backup'
  docker cp "$(container_of futured):/var/lib/futured/copy.db" "$scratch/copy.db" > /dev/null
  compose exec -T futured rm /var/lib/futured/copy.db
  [ -s "$scratch/copy.db" ] || fail 'the backup is empty'
}

prometheus_may_look() {
  page=$(docker run --rm --network="$COMPOSE_PROJECT_NAME"_default --user=65534:65534 --entrypoint=python3 \
    -v "$COMPOSE_PROJECT_NAME"_monitor:/run/futured:ro "$PYTHON_IMAGE" -c '
import urllib.request
token = open("/run/futured/token").read().strip()
request = urllib.request.Request("http://futured:7071/metrics", headers={"Authorization": "Bearer " + token})
print(urllib.request.urlopen(request, timeout=30).read().decode())' 2>> "$scratch/engine-says.log")
  echo "$page" | grep -q '^futured_tasks_finished_total{executor="cpu",outcome="succeeded"} [1-9]' ||
    fail 'the metrics do not show the work that was done'
}

programs_run_and_crashes_harm_nobody() {
  daemon=$(container_of futured)
  pid=$(docker inspect --format='{{.State.Pid}}' "$daemon")
  [ "$(compose run --rm -T client submit --executor=cpu --wait math.factor 12)" = '"12: 2 2 3\n"' ] ||
    fail 'a program as a function'
  ! ctl submit --executor=cpu --wait fault.crash > "$scratch/output" 2>&1 || fail 'a crash succeeded'
  grep -q SIGSEGV "$scratch/output" || fail 'a crash is not named'
  [ "$(ctl submit --executor=cpu --wait math.is_prime 17)" = true ] || fail 'no work is done after a crash'
  [ "$(docker inspect --format='{{.State.Pid}}' "$daemon")" = "$pid" ] || fail 'the daemon started again'
}

daemon_is_confined() {
  daemon=$(container_of futured)
  [ "$(docker exec "$daemon" id -u)" = 7070 ] || fail 'the daemon runs as somebody else'
  is_healthy "$daemon" || fail 'the daemon is not healthy'
  ! docker exec "$daemon" touch /usr/local/file 2> /dev/null || fail 'the root file system can be written to'
  for port in 7443 7071; do
    address=$(compose port futured $port)
    case $address in
      127.0.0.1:*) ;;
      *) fail "the port $port is published at $address" ;;
    esac
  done
  docker run --rm --network=host --entrypoint=futuredctl -v "$COMPOSE_PROJECT_NAME"_client:/run/futured:ro "$IMAGE" \
    --address="$(compose port futured 7443)" --ca-file=/run/futured/ca.pem --token-file=/run/futured/token list > /dev/null ||
    fail 'no answer at the published port'
}

# is_running: whether a task sleeps.
is_running() {
  ctl list --state=running | grep -q time.sleep
}

kill_loses_nothing() {
  daemon=$(container_of futured)
  [ "$(docker exec "$daemon" stat -c '%U %a' /var/lib/futured)" = 'futured 700' ] || fail "the volume is not the daemon's"
  id=$(ctl submit time.sleep 3600 --executor=cpu)
  result=$(ctl submit math.is_prime 17)
  ctl result "$result" > /dev/null
  eventually 30 'the task does not begin' is_running
  docker kill --signal=KILL "$daemon" > /dev/null
  docker wait "$daemon" > /dev/null
  compose up -d futured > /dev/null
  daemon_is_back
  [ "$(ctl result "$result")" = true ] || fail 'an outcome was lost'
  ! ctl result "$id" > "$scratch/output" 2>&1 || fail 'a task that died succeeded'
  grep -q DaemonRestarted "$scratch/output" || fail 'a task that died with the daemon does not say so'
}

stop_lets_running_work_finish() {
  daemon=$(container_of futured)
  ctl submit time.sleep 3 --wait > "$scratch/output" &
  waiting=$!
  eventually 30 'the task does not begin' is_running
  docker stop "$daemon" > /dev/null
  wait $waiting || fail 'running work was lost'
  code=$(docker inspect --format='{{.State.ExitCode}}' "$daemon")
  [ "$code" = 0 ] || fail "the daemon's exit code is $code"
}

nothing_is_left() {
  docker ps -aq --filter="name=$own" | xargs -r docker rm -f -v > /dev/null
  compose down --volumes > /dev/null
  docker volume ls -q --filter="name=$own" | xargs -r docker volume rm > /dev/null
  left=$(docker volume ls -q --filter="name=$COMPOSE_PROJECT_NAME")
  left="$left$(docker ps -aq --filter="name=$COMPOSE_PROJECT_NAME")"
  left="$left$(docker network ls -q --filter="name=$COMPOSE_PROJECT_NAME")"
  [ -z "$left" ] || fail "this is left: $left"
}
