#!/usr/bin/env python3
"""Measures futured.Executor beside the local ProcessPoolExecutor, and prints the ratios.

    client/python/bench.py --daemon=/usr/bin/futured            # a daemon of its own, with two Python workers
    client/python/bench.py --address=localhost:7070             # one that runs; its executor `python` should have two

Each scenario runs in turns here and there, and the best of each counts: machines drift, ratios stay.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import Any, Callable, Iterator, List, Optional

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "src"))

import futured  # noqa: E402

WORKERS = 2
# A function that does nothing, which workers need not be sent.
NOTHING: Callable[[int], int] = abs
ROUNDS = 3


@dataclass
class Scenario:
    """`run` does `count` tasks; the goal is how much of the local rate it should reach."""

    name: str
    count: int
    goal: float
    run: Callable[[concurrent.futures.Executor, int], None]


def submit_and_complete(executor: concurrent.futures.Executor, count: int) -> None:
    """A function that does nothing, 20,000 times."""
    futures = [executor.submit(NOTHING, number) for number in range(count)]
    for future in concurrent.futures.as_completed(futures):
        future.result()


def map_chunks(executor: concurrent.futures.Executor, count: int) -> None:
    assert sum(executor.map(NOTHING, range(count), chunksize=100)) == count * (count - 1) // 2


def map_singly(executor: concurrent.futures.Executor, count: int) -> None:
    assert sum(executor.map(NOTHING, range(count))) == count * (count - 1) // 2


def round_trips(executor: concurrent.futures.Executor, count: int) -> None:
    for number in range(count):
        executor.submit(NOTHING, number).result()


def kilobytes(executor: concurrent.futures.Executor, count: int) -> None:
    data = bytes(10_000)
    for future in concurrent.futures.as_completed([executor.submit(bytes.upper, data) for _ in range(count)]):
        future.result()


SCENARIOS = [
    Scenario("submit + as_completed", 20_000, 1.0, submit_and_complete),
    Scenario("map(chunksize=100)", 100_000, 1.0, map_chunks),
    Scenario("map(chunksize=1)", 20_000, 1.0, map_singly),
    Scenario("blocking round trip", 1_000, 1 / 3, round_trips),
    Scenario("10 kB there and back", 5_000, 0.0, kilobytes),
]


def named_functions(executor: futured.Executor, count: int) -> None:
    """A C++ function of the daemon's, which takes no time."""
    futures: List[futured.Future[bool]] = [executor.submit("math.is_prime", 4) for _ in range(count)]
    for future in concurrent.futures.as_completed(futures):
        future.result()


def rate(run: Callable[[Any, int], None], executor: Any, count: int) -> float:
    """Tasks a second."""
    begin = time.perf_counter()
    run(executor, count)
    return count / (time.perf_counter() - begin)


def compare(scenario: Scenario, local: concurrent.futures.Executor, remote: futured.Executor) -> None:
    here = there = 0.0
    for _ in range(ROUNDS):
        here = max(here, rate(scenario.run, local, scenario.count))
        there = max(there, rate(scenario.run, remote, scenario.count))
    ratio = there / here
    verdict = "" if ratio >= scenario.goal else f"  below the goal of {scenario.goal:.2f}"
    print(f"{scenario.name:24} {here:12,.0f}/s {there:12,.0f}/s {ratio:8.2f}{verdict}", flush=True)


@contextlib.contextmanager
def daemon(binary: str) -> Iterator[str]:
    """The address of a daemon in memory."""
    with tempfile.TemporaryDirectory(prefix="futured-bench-") as folder:
        config, port = pathlib.Path(folder, "futured.toml"), pathlib.Path(folder, "port")
        beside = pathlib.Path(binary).resolve().parent
        places = (beside / "libfutured_examples.so", beside.parent / "examples" / "libfutured_examples.so")
        plugins = [str(path) for path in places if path.exists()]
        command = [sys.executable, "-m", "futured.worker", "--accept-pickle"]
        config.write_text(
            f"plugins = {json.dumps(plugins[:1])}\n"
            "[executors.thread]\nkind = 'thread'\n"
            f"[executors.python]\nkind = 'process'\nmax_workers = {WORKERS}\nworker = {json.dumps(command)}\n"
            f"environment = ['PATH', {json.dumps('PYTHONPATH=' + str(HERE / 'src'))}]\n"
        )
        arguments = ["--memory", "--listen=127.0.0.1:0", "--http-listen=off", f"--port-file={port}", f"--config={config}"]
        process = subprocess.Popen([binary, *arguments], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while not port.exists() or not port.read_text().strip():
                if process.poll() is not None:
                    sys.exit(f"{binary} ended with {process.returncode}")
                time.sleep(0.01)
            yield port.read_text().strip()
        finally:
            process.terminate()
            process.wait()


def measure(address: str, names: Optional[List[str]]) -> None:
    print(f"{'':24} {'ProcessPool':>14} {'futured':>14} {'ratio':>8}   ({WORKERS} workers each)")
    with concurrent.futures.ProcessPoolExecutor(WORKERS) as local, futured.Executor(address) as remote:
        for executor in (local, remote):
            list(executor.map(NOTHING, range(100)))
        for scenario in SCENARIOS:
            if not names or any(name in scenario.name for name in names):
                compare(scenario, local, remote)
    if names and not any("named" in name for name in names):
        return
    with futured.Executor(address, executor="thread") as remote:
        try:
            best = max(rate(named_functions, remote, 20_000) for _ in range(ROUNDS))
        except futured.TaskError as error:
            print(f"named C++ functions: {error}")
        else:
            print(f"{'named C++ functions':24} {'':14} {best:12,.0f}/s {'':8}  the goal is 30,000/s")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--address", help="of a daemon that runs")
    where.add_argument("--daemon", help="the program, to start one", default=os.environ.get("FUTURED_DAEMON"))
    parser.add_argument("scenarios", nargs="*", help="parts of names; unset: all of them")
    options = parser.parse_args()
    if options.address:
        measure(options.address, options.scenarios)
    else:
        with daemon(options.daemon) as address:
            measure(address, options.scenarios)


if __name__ == "__main__":
    main()
