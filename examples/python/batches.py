#!/usr/bin/env python3
"""Adds the squares of many numbers, a batch of them a task: small work is worth sending only in batches."""

import time

import options

import futured


def square(number: int) -> int:
    return number * number


def main(address: str, count: int, size: int) -> None:
    with futured.Executor(address) as executor:
        begin = time.monotonic()
        total = sum(executor.map(square, range(1, count + 1), chunksize=size))
        seconds = time.monotonic() - begin
    print(f"the sum of the squares of 1 to {count} is {total}")
    print(f"in batches of {size}: {seconds:.2f} s")


if __name__ == "__main__":
    parser = options.parser(__doc__ + " Try --size 10 to see why.")
    parser.add_argument("count", nargs="?", type=int, default=200_000)
    parser.add_argument("--size", type=int, default=5_000, help="numbers in a batch; default: %(default)s")
    given = parser.parse_args()
    main(given.address, given.count, given.size)
