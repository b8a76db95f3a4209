"""Objects and exceptions that are easy or hard to pickle, in a module that both sides can import."""

from __future__ import annotations

import os
import sys
from typing import Any, Callable, Tuple


class Careful(Exception):
    """Its constructor takes other arguments than `args` has, and it says how to pickle it."""

    def __init__(self, path: str, *, line: int) -> None:
        super().__init__(f"{path}:{line}")
        self.path = path
        self.line = line

    def __reduce__(self) -> Tuple[Any, ...]:
        return _careful, (self.path, self.line)


def _careful(path: str, line: int) -> Careful:
    return Careful(path, line=line)


class Careless(Exception):
    """As Careful, but it does not say."""

    def __init__(self, path: str, line: int) -> None:
        super().__init__(f"{path}:{line}")


class Falsy(Exception):
    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0


class FailsAtPickle:
    def __reduce__(self) -> Any:
        raise ValueError("not to be pickled")


class ExitsAtPickle:
    def __reduce__(self) -> Any:
        sys.exit(4)


class FailsAtUnpickle:
    def __reduce__(self) -> Tuple[Any, ...]:
        return fail_to_unpickle, ()


class ExitsAtUnpickle:
    def __reduce__(self) -> Tuple[Any, ...]:
        return sys.exit, (4,)


class ExceptionThatExitsAtPickle(Exception):
    def __reduce__(self) -> Any:
        sys.exit(4)


class ExceptionThatExitsAtUnpickle(Exception):
    def __reduce__(self) -> Tuple[Any, ...]:
        return sys.exit, (4,)


class ExceptionWithoutText(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


class OnlyHere:
    """Can be unpickled by the process that made it alone."""

    def __reduce__(self) -> Tuple[Any, ...]:
        return only_in, (os.getpid(),)


def only_in(process: int) -> OnlyHere:
    if os.getpid() != process:
        raise ModuleNotFoundError("No module named 'elsewhere'")
    return OnlyHere()


class ExceptionOnlyHere(Exception):
    def __reduce__(self) -> Tuple[Any, ...]:
        return _exception_only_in, (os.getpid(),)


def _exception_only_in(process: int) -> ExceptionOnlyHere:
    if os.getpid() != process:
        raise ModuleNotFoundError("No module named 'elsewhere'")
    return ExceptionOnlyHere()


class Interrupts:
    """Ctrl-C comes when the process first unpickles one."""

    def __init__(self, process: int) -> None:
        self.process = process

    def __reduce__(self) -> Tuple[Any, ...]:
        return _interrupted, (Interrupts, self.process)


class ExceptionThatInterrupts(Exception):
    def __reduce__(self) -> Tuple[Any, ...]:
        return _interrupted, (ExceptionThatInterrupts, *self.args)


_to_be_interrupted = {Interrupts, ExceptionThatInterrupts}


def _interrupted(cls: Callable[[int], object], process: int) -> object:
    if os.getpid() == process and cls in _to_be_interrupted:
        _to_be_interrupted.remove(cls)
        raise KeyboardInterrupt
    return cls(process)


def fail_to_unpickle() -> None:
    raise ValueError("not to be unpickled")


def raise_it(exception: BaseException) -> None:
    raise exception


def raise_new(make: Callable[..., BaseException], *args: object) -> None:
    """For exceptions that don't stand the way to the worker."""
    raise make(*args)


def make(cls: Callable[..., object], *args: object) -> object:
    return cls(*args)
