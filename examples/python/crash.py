#!/usr/bin/env python3
"""A function that crashes among others: its own future fails, and nothing else does.

With a ProcessPoolExecutor all of them would, and the pool would be of no use any more.
"""

import ctypes
from concurrent.futures.process import BrokenProcessPool

import options

import futured


def divide(number: int) -> float:
    if number == 0:
        ctypes.string_at(0)  # As a broken extension module would.
    return 100 / number


def main(address: str) -> None:
    with futured.Executor(address) as executor:
        futures = {number: executor.submit(divide, number) for number in range(-2, 3)}
        for number, future in futures.items():
            try:
                print(f"100 / {number} = {future.result():g}")
            except BrokenProcessPool as error:
                print(f"100 / {number}: {error}")
        print(f"the executor goes on: 100 / 4 = {executor.submit(divide, 4).result():g}")


if __name__ == "__main__":
    main(options.parser(__doc__).parse_args().address)
