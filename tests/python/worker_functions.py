"""Functions that the tests' workers load."""

from __future__ import annotations

import logging
import os
import sys
import time
from typing import Any, Dict, List

from futured import worker as futured

prepared: List[str] = []


@futured.function("test.echo")
def echo(value: Any = None) -> Any:
    return value


@futured.function("test.add")
def add(first: int, second: int = 10) -> int:
    return first + second


@futured.function("test.raise")
def raise_error(message: str) -> None:
    raise ValueError(message)


@futured.function("test.raise_type_error")
def raise_type_error() -> None:
    raise TypeError("inside")


@futured.function("test.set")
def returns_a_set() -> Any:
    return {1}


@futured.function("test.exit")
def exit_process(code: int) -> None:
    os._exit(code)


@futured.function("test.sys_exit")
def raise_system_exit() -> None:
    sys.exit(3)


@futured.function("test.bytes")
def some_bytes(size: int) -> bytes:
    return bytes(size)


@futured.function("test.until_stopped")
def until_stopped() -> None:
    task = futured.current()
    while True:
        task.raise_if_cancelled()
        time.sleep(0.001)


@futured.function("test.spin")
def spin() -> None:
    while True:
        pass


@futured.function("test.ignore_stop")
def ignore_stop() -> str:
    while not futured.current().cancelled():
        time.sleep(0.001)
    return "went on"


@futured.function("test.until_exists")
def until_exists(path: str) -> None:
    """Prints its PID, and ends once the file is there."""
    print(os.getpid())
    while not os.path.exists(path):
        time.sleep(0.001)


@futured.function("test.context")
def context() -> Dict[str, Any]:
    task = futured.current()
    return {
        "id": task.id,
        "attempt": task.attempt,
        "executor": task.executor,
        "worker": task.worker,
        "deadline": task.deadline,
        "cancelled": task.cancelled(),
    }


@futured.function("test.progress")
def progress(count: int) -> None:
    for number in range(count):
        futured.current().progress(number / count, f"step {number}")
    futured.current().progress(1, "done")


@futured.function("test.progress_then_wait")
def progress_then_wait() -> None:
    futured.current().progress(0.1, "first")
    futured.current().progress(0.2, "second")
    until_stopped()


@futured.function("test.print")
def print_lines() -> None:
    print("one\ntwo")
    print("three", end="")
    print("to stderr", file=sys.stderr)


@futured.function("test.log")
def log() -> None:
    logging.getLogger("app").debug("a detail")
    logging.getLogger("app").warning("a %s", "warning")
    logging.getLogger("app").error("an error", exc_info=ValueError("why"))


@futured.function("test.fork")
def fork() -> int:
    """The exit code of a child that prints."""
    child = os.fork()
    if child == 0:
        print("I am the child", flush=True)
        os._exit(7)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@futured.function("test.fork_and_leave")
def fork_and_leave(how: str) -> int:
    """The exit code of a child that does not end by itself."""
    child = os.fork()
    if child == 0:
        if how == "exit":
            sys.exit(5)
        if how == "raise":
            raise ValueError("in the child")
        return 0
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@futured.function("test.descriptors")
def descriptors() -> List[int]:
    """Those that a program started here would have."""
    return [number for number in range(3, 64) if is_inheritable(number)]


@futured.function("test.prepare")
def prepare() -> None:
    prepared.append("yes")


@futured.function("test.prepared")
def was_prepared() -> List[str]:
    return prepared


@futured.function("test.cannot_prepare")
def cannot_prepare() -> None:
    raise RuntimeError("no disk")


def is_inheritable(number: int) -> bool:
    try:
        return os.get_inheritable(number)
    except OSError:
        return False
