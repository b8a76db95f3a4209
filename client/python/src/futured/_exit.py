"""The end of the program: it waits for what it has submitted, as it does for a ProcessPoolExecutor."""

from __future__ import annotations

import atexit
import os
import threading
import weakref
from typing import Any, Callable

# Whether the exit hook has run.
exiting = False
_executors: weakref.WeakSet[Any] = weakref.WeakSet()


def register(executor: Any) -> None:
    """Its `_at_exit()` is called before the interpreter ends, its `_after_fork()` in each forked child."""
    _executors.add(executor)


def _at_exit() -> None:
    global exiting
    exiting = True
    for executor in list(_executors):
        executor._at_exit()


def _after_fork() -> None:
    for executor in list(_executors):
        executor._after_fork()


# Before the threads of the interpreter are joined, and before `atexit`: gRPC still works then.
_register: Callable[[Callable[[], None]], object] = getattr(threading, "_register_atexit", atexit.register)
_register(_at_exit)
os.register_at_fork(after_in_child=_after_fork)
