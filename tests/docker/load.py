"""Calls a daemon without a pause until SIGTERM: callables and functions by name, Python and C++, in processes and threads.

Usage: load.py [retry]    with `retry`, what a daemon was running when it died is attempted again
Prints how many calls have succeeded after each hundred, and at the end how many were made and have failed.
"""

import concurrent.futures
import os
import signal
import sys
import threading

import futured

UNDER_WAY = 32
PATIENCE = 120

stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())


def main() -> int:
    retries = futured.Retry(20, delay=0.1, on=["daemon"]) if "retry" in sys.argv else 0
    made, succeeded, failures = 0, 0, []
    pending = {}

    def take(done):
        nonlocal succeeded
        for future in done:
            expected = pending.pop(future)
            error = future.exception()
            if error is not None or future.result() != expected:
                failures.append(repr(error) if error else f"{future.result()!r} is not {expected!r}")
                continue
            succeeded += 1
            if succeeded % 100 == 0:
                print(succeeded, flush=True)

    with futured.Executor(os.environ["FUTURED_ADDRESS"], executor="python") as executor:
        python = executor.options(executor="python", retries=retries)
        cpu = executor.options(executor="cpu", retries=retries)
        while not stop.is_set():
            made += 3
            pending[python.submit(lambda number: number * number, made)] = made * made
            pending[python.submit("text.shout", f"call {made}")] = f"CALL {made}"
            pending[cpu.submit("math.is_prime", 97)] = True
            if len(pending) >= UNDER_WAY:
                take(concurrent.futures.wait(pending, PATIENCE, concurrent.futures.FIRST_COMPLETED).done)
        take(concurrent.futures.wait(pending, PATIENCE).done)
    lost = made - succeeded - len(failures)
    print(f"{made} made, {len(failures)} failed, {lost} lost", *failures[:5], sep="\n", flush=True)
    return 1 if failures or lost else 0


if __name__ == "__main__":
    sys.exit(main())
