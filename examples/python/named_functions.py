#!/usr/bin/env python3
"""Calls functions by name: Python's, C++'s, and programs.

The same functions are there for every other client:

    futuredctl submit text.shout hello --executor=python --wait
"""

import options

import futured


def main(address: str) -> None:
    # Python functions, in workers that have loaded shared_functions.py.
    with futured.Executor(address, executor="python") as python:
        print(python.submit("text.shout", "hello").result())
        print(python.submit("text.frequent_words", "a rose is a rose is a rose", count=2).result())
        # A program.
        print(python.submit("math.factor", "1001").result())
        try:
            python.submit("text.shout", 5).result()
        except futured.TaskError as error:
            print(f"{error.type}: {error.message}")

    # C++ functions, of libfutured_examples.so.
    with futured.Executor(address, executor="thread") as cpp:
        try:
            print(list(cpp.map("math.is_prime", range(10))))
            print(cpp.submit("math.sum_of_squares", [1, 2, 3]).result())
        except futured.UnknownFunction:
            print("the daemon has not loaded libfutured_examples.so")


if __name__ == "__main__":
    main(options.parser(__doc__).parse_args().address)
