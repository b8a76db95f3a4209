"""Timer: a descriptor that becomes readable at a time, so that a thread can sleep until then and need not be woken to
be told of it."""

from __future__ import annotations

import ctypes
import os

_CLOCK_MONOTONIC = 1
_ABSOLUTE = 1


class _Setting(ctypes.Structure):
    """struct itimerspec: interval, and time of the first expiration."""

    _fields_ = [(name, ctypes.c_long) for name in ("interval", "interval_ns", "seconds", "nanoseconds")]


_libc = ctypes.CDLL(None, use_errno=True)
_libc.timerfd_settime.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.POINTER(_Setting), ctypes.c_void_p]


class Timer:
    """Safe to use from any thread."""

    def __init__(self) -> None:
        self._descriptor: int = _libc.timerfd_create(_CLOCK_MONOTONIC, os.O_CLOEXEC | os.O_NONBLOCK)
        if self._descriptor < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")

    def fileno(self) -> int:
        return self._descriptor

    def set(self, due: int) -> None:
        """A time of the monotonic clock, ns. The one before does not count any more."""
        setting = _Setting(0, 0, *divmod(max(due, 1), 1_000_000_000))
        _libc.timerfd_settime(self._descriptor, _ABSOLUTE, ctypes.byref(setting), None)

    def clear(self) -> None:
        """It has expired, or need not."""
        try:
            os.read(self._descriptor, 8)
        except BlockingIOError:
            pass

    def close(self) -> None:
        os.close(self._descriptor)
