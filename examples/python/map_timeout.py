#!/usr/bin/env python3
"""Takes what comes in time, and does without the rest."""

import concurrent.futures
import time
from typing import List

import options

import futured


def work(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def main(address: str, naps: List[float], timeout: float) -> None:
    with futured.Executor(address) as executor:
        in_time = 0
        try:
            # The time is that of the whole iteration, and begins with the call of map.
            for seconds in executor.options(timeout=timeout + 1).map(work, naps, timeout=timeout):
                print(f"worked for {seconds:g} s")
                in_time += 1
        except concurrent.futures.TimeoutError:
            print(f"not there after {timeout:g} s; {in_time} of {len(naps)} in time")
        else:
            print(f"all {len(naps)} in time")


if __name__ == "__main__":
    parser = options.parser(__doc__)
    parser.add_argument("naps", nargs="*", type=float, default=[0.1, 0.2, 0.3, 30, 0.1], metavar="SECONDS")
    parser.add_argument("--timeout", type=float, default=1.0, help="seconds for all of them; default: %(default)s")
    given = parser.parse_args()
    main(given.address, given.naps, given.timeout)
