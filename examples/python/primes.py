#!/usr/bin/env python3
"""Finds out which numbers are prime: the primes example of Python's documentation, with one line changed."""

import math

import options

import futured

PRIMES = [
    112272535095293,
    112582705942171,
    112272535095293,
    115280095190773,
    115797848077099,
    1099726899285419,
]


def is_prime(n: int) -> bool:
    if n < 2:
        return False
    if n == 2:
        return True
    if n % 2 == 0:
        return False
    sqrt_n = int(math.floor(math.sqrt(n)))
    for i in range(3, sqrt_n + 1, 2):
        if n % i == 0:
            return False
    return True


def main(address: str) -> None:
    # Was: with concurrent.futures.ProcessPoolExecutor() as executor:
    with futured.Executor(address) as executor:
        for number, prime in zip(PRIMES, executor.map(is_prime, PRIMES)):
            print(f"{number} is prime: {prime}")


if __name__ == "__main__":
    main(options.parser(__doc__).parse_args().address)
