"""Functions that tests have run in workers, which import this module."""

import logging
import os
import pathlib
import sys
import time
from typing import Any, List, Optional

import futured


def behind(gate: str, value: Any = None, mark: Optional[str] = None) -> Any:
    """Returns the value once the file is there, or its folder gone. Says that it runs by making `mark`."""
    if mark:
        pathlib.Path(mark).touch()
    deadline = time.monotonic() + 60
    while not os.path.exists(gate) and os.path.isdir(os.path.dirname(gate)):
        if time.monotonic() > deadline:
            raise TimeoutError("nobody opened the gate")
        time.sleep(0.002)
    return value


def tell(gate: str, fraction: float, message: str) -> None:
    """Tells its progress, prints the message, and returns once the gate is open."""
    futured.current().progress(fraction, message)
    print(message)
    behind(gate)


def tell_all(gate: str, count: int) -> None:
    for number in range(count):
        futured.current().progress(number / count, str(number))
    behind(gate)


def say(gate: str, lines: List[str]) -> None:
    """Prints each line twice and logs it; and once more when the gate is open."""
    for line in lines:
        print(line)
        print(line, file=sys.stderr)
        logging.getLogger("said").warning(line)
    behind(gate)
    print("the end")


def append(path: str, text: str) -> None:
    with open(path, "a") as file:
        file.write(text + "\n")


def keywords(*args: Any, **kwargs: Any) -> Any:
    return args, kwargs


def process_id(_: Any = None) -> int:
    return os.getpid()


def end_process() -> None:
    os._exit(7)


class Weird(Exception):
    """Its constructor takes something else than its args."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def raise_weird() -> None:
    raise Weird(1, 2)


def slow_square(number: int) -> int:
    time.sleep(0.02)
    return number * number
