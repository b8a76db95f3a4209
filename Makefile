# make demo   shows what it does: builds, runs five examples against a daemon, cleans up
# make test   everything that CI checks
# make chaos  kills workers at random for a minute; CHAOS_SECONDS=600 for ten
# make crash  kills the daemon under load, 2,000 times and at each named point; CRASH_CYCLES=200 for fewer
# make power-cut  cuts the power of its disk 500 times; POWER_CUTS=50 for fewer; as root
# make abuse  clients that mean harm, and networks that fail, in large sizes; ABUSE_SIZES="ABUSE_WAITERS=2000" for others;
#             as root for the networks
# make deb    makes Debian packages in build/packages; make deb-test uses them in a machine of its own, as root
# make docs   runs every command and example of the documentation
# make bench  measures; SCENARIOS="stream blocking" picks
# make browser-test  the dashboard in Debian's Chromium; BROWSER_TESTS="login_test" for some
# make screenshots   makes the pictures in docs/images anew
# make fuzz   looks for bytes that break what reads them, FUZZ_SECONDS long (60)
# make docker-test  builds the images, and runs them as deploy/compose.yaml says: a kill, an upgrade under load; as root where
#             no engine runs
# make k8s-test     checks deploy/kubernetes against the schemas of Kubernetes, and runs the kubectl commands of the
#             documentation against a stand-in for an API server
# Each installs the Debian packages that are missing.

JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
SOURCES = $(shell find client examples proto server task tests -name '*.h' -o -name '*.cc')

.PHONY: all deps browser-build build demo test test-quick docs chaos crash power-cut abuse bench fuzz format check-format tidy \
  install docker-test k8s-test deb deb-test browser-test screenshots clean

all: build

deps:
	@deploy/install-packages build web test

build: deps
	@cmake --preset release > /dev/null
	@cmake --build --preset release -j $(JOBS)

demo: deps
	@cmake --preset release > /dev/null
	@cmake --build --preset release -j $(JOBS) --target examples
	@examples/demo build/release

test: deps check-format
	@tests/run-all $(JOBS)

# The optimised build and its tests only.
test-quick: build
	@ctest --preset release -j $(JOBS)

# Kills, recycles and races of worker processes at length.
CHAOS_SECONDS ?= 60
chaos: deps
	@cmake --preset release > /dev/null
	@cmake --build --preset release -j $(JOBS) --target process_chaos_test
	@FUTURED_CHAOS_SECONDS=$(CHAOS_SECONDS) build/release/tests/exec/process_chaos_test

# A daemon under load: killed at each named point, with each operation of its store failing, killed at random moments.
CRASH_CYCLES ?= 2000
crash: deps
	@cmake --preset release > /dev/null
	@cmake --build --preset release -j $(JOBS) --target futured-crash
	@build/release/tests/crash/futured-crash points
	@build/release/tests/crash/futured-crash faults --cycles 16
	@build/release/tests/crash/futured-crash kill --cycles $(CRASH_CYCLES)

# Power cuts on a disk of its own: nothing is lost; without syncs something is, or the test would find nothing.
POWER_CUTS ?= 500
power-cut: deps
	@cmake --preset release > /dev/null
	@cmake --build --preset release -j $(JOBS) --target futured-crash
	@build/release/tests/crash/futured-crash power-cut --cycles $(POWER_CUTS)
	@build/release/tests/crash/futured-crash power-cut --cycles 20 --unsafe
	@build/release/tests/crash/futured-crash read-only --cycles 50

# The tests of tests/abuse and tests/network, larger than ctest runs them: these need some minutes.
ABUSE_SIZES ?= ABUSE_RESETS=60000 ABUSE_STREAMS=5000 ABUSE_HEADER_KIB=4096 ABUSE_PADDING_KIB=1024 \
  ABUSE_CONTINUATION_MIB=16 ABUSE_FRAMES=200000 ABUSE_BOMB_MIB=256 ABUSE_VALUE_MIB=64 ABUSE_MESSAGES=2000 \
  ABUSE_SAYINGS=200 ABUSE_IDS=1000000 ABUSE_CALLS=200 ABUSE_SILENT=900 ABUSE_CONNECTIONS=10000 ABUSE_WAITERS=10000 \
  ABUSE_VALUES=200 ABUSE_STOPPED=20 ABUSE_TASKS=2000 ABUSE_PARTITIONS=5 ABUSE_FAULT_SECONDS=10 ABUSE_SILENT_CALLS=900
abuse: deps
	@cmake --preset release > /dev/null
	@cmake --build --preset release -j $(JOBS) --target futured futuredctl abuse_plugin ledger_client futured_python
	@env $(ABUSE_SIZES) ctest --preset release -j 1 -R '^(abuse|network)_' --verbose

docs: build
	@ctest --preset release -R '^docs_' --verbose

bench: deps
	@cmake --preset release -DFUTURED_BUILD_BENCH=ON > /dev/null
	@cmake --build --preset release -j $(JOBS)
	@build/release/tests/bench/futured-bench $(SCENARIOS)

# The page of a real daemon in a real browser, without a screen.
BROWSER_TESTS ?=
browser-build: deps
	@deploy/install-packages browser
	@cmake --preset release > /dev/null
	@cmake --build --preset release -j $(JOBS) --target futured futured-worker futured-sandbox futuredctl cli_plugin futured_examples

browser-test: browser-build
	@tests/browser/run build/release $(BROWSER_TESTS)

screenshots: browser-build
	@SCREENSHOTS=$(CURDIR)/docs/images tests/browser/run build/release screenshots_test

fuzz: deps
	@cmake --preset fuzz > /dev/null
	@cmake --build --preset fuzz -j $(JOBS)
	@mkdir -p build/fuzz/found
	@build/fuzz/tests/fuzz/worker_frames -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=10 -print_final_stats=1 \
	  -artifact_prefix=build/fuzz/ build/fuzz/found tests/fuzz/corpus/worker_frames

format: deps
	@clang-format-14 -i $(SOURCES)

check-format: deps
	@clang-format-14 --dry-run --Werror $(SOURCES)

tidy: deps
	@tests/run-clang-tidy

install: build
	@cmake --install build/release --prefix $(PREFIX)

# Debian packages, in build/packages.
PACKAGED = futured futuredctl futured-worker futured-sandbox futured_examples futured_client futured_man
deb:
	@deploy/install-packages build web test deb
	@cmake --preset release > /dev/null
	@cmake --build --preset release -j $(JOBS) --target $(PACKAGED)
	@rm -rf build/packages
	@cpack --config build/release/CPackConfig.cmake > build/packages.log || { cat build/packages.log >&2; false; }
	@ls build/packages/*.deb

# Installs them into a Debian that has nothing, uses them there and purges them.
deb-test: deb
	@deploy/deb-test

docker-test:
	@deploy/install-packages docker
	@deploy/docker-test

k8s-test: deps
	@deploy/install-packages kubernetes
	@cmake --preset release > /dev/null
	@cmake --build --preset release -j $(JOBS) --target futuredctl
	@tests/kubernetes/run

clean:
	@rm -rf build
