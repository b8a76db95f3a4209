"""The end of the program: it waits for what it has submitted, as it does for a ProcessPoolExecutor. And forks of it."""

from __future__ import annotations

import atexit
import os
import threading
import weakref
from typing import Any, Callable, List, Set

# Whether the exit hook has run.
exiting = False


class _Living:
    """Objects, as long as somebody else holds them. Takes no lock, and may be changed while it is read."""

    def __init__(self) -> None:
        self._references: Set[weakref.ref[Any]] = set()

    def add(self, item: Any) -> None:
        self._references.add(weakref.ref(item, self._references.discard))

    def items(self) -> List[Any]:
        # A set is copied in one step, whatever finalizers and other threads do.
        items = [reference() for reference in self._references.copy()]
        return [item for item in items if item is not None]


_waited_for = _Living()
_last = _Living()
_forked = _Living()


def at_exit(item: Any, *, last: bool = False) -> None:
    """Its `_at_exit()` is called before the interpreter ends; that of the `last` when all others have returned."""
    (_last if last else _waited_for).add(item)


def after_fork(item: Any) -> None:
    """Its `_after_fork()` is called in each forked child."""
    _forked.add(item)


def _at_exit() -> None:
    global exiting
    exiting = True
    for living in (_waited_for, _last):
        for item in living.items():
            item._at_exit()


def _after_fork() -> None:
    for item in _forked.items():
        item._after_fork()


# Before the threads of the interpreter are joined, and before `atexit`: gRPC still works then.
_register: Callable[[Callable[[], None]], object] = getattr(threading, "_register_atexit", atexit.register)
_register(_at_exit)
os.register_at_fork(after_in_child=_after_fork)
