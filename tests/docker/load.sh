#!/bin/sh
# Has futuredctl, which is a program of the C++ SDK, call a daemon until there is a file /tmp/stop. Prints a line for each
# result, and at the end how many calls were made and have succeeded.
# Usage: load.sh [FLAG…]   the flags are those of futuredctl map
set -eu
cd /tmp
items() {
  made=0
  while [ ! -e stop ]; do
    made=$((made + 1))
    echo 97
    sleep 0.01
  done
  echo $made > made
}
items | futuredctl map "$@" math.is_prime --ahead 32 --items - | tee answers
succeeded=$(grep -c '^true$' answers || true)
echo "$(cat made) made, $succeeded succeeded"
[ "$(cat made)" = "$succeeded" ]
