"""What a running function may know and do about its task."""

from __future__ import annotations

import math
import threading
import time
import uuid
from concurrent.futures import CancelledError
from typing import Callable, Optional, Tuple

#: Between two reports of progress that are handed on, ns.
_INTERVAL = 50_000_000
_LONGEST_MESSAGE = 256

# Given a time of the monotonic clock, ns, by which flush_progress() is to be called.
LookBy = Callable[[int], None]
Report = Callable[[float, str], None]

_running: Optional[Context] = None


def current() -> Context:
    """The task that runs in this worker process. From any thread of it.

    RuntimeError: this process is no worker, or runs no task at the moment.

    >>> def count(lines):
    ...     task = futured.current()
    ...     for number, line in enumerate(lines):
    ...         task.raise_if_cancelled()
    ...         task.progress(number / len(lines), line)
    """
    context = _running
    if context is None:
        raise RuntimeError("no task is running: futured.current() is for functions that a futured worker runs")
    return context


def set_running(context: Optional[Context]) -> None:
    """For the worker."""
    global _running
    _running = context


class Context:
    """One attempt of a task. Valid until its function returns; safe to use from any thread."""

    __slots__ = (
        "attempt",
        "executor",
        "worker",
        "deadline",
        "traceparent",
        "tracestate",
        "_id",
        "_stop_requested",
        "_report",
        "_look_by",
        "_lock",
        "_next",
        "_waiting",
    )

    #: Number of the attempt, from 1.
    attempt: int
    #: Name of the executor, and of this worker in it: "python", "python-1".
    executor: str
    worker: str
    #: When the daemon gives the task up, a time of `time.monotonic()`; None: never.
    deadline: Optional[float]
    #: The trace that the task is part of, for what it calls in turn: W3C Trace Context, what HTTP has as `traceparent`
    #: and `tracestate`. Empty: none.
    traceparent: str
    tracestate: str

    def __init__(
        self,
        id: bytes,
        attempt: int,
        deadline: int,
        *,
        executor: str,
        worker: str,
        report: Report,
        look_by: LookBy,
        traceparent: str = "",
        tracestate: str = "",
    ) -> None:
        self._id = id
        self.traceparent = traceparent
        self.tracestate = tracestate
        self.attempt = attempt
        self.executor = executor
        self.worker = worker
        self.deadline = deadline / 1e9 if deadline else None
        self._stop_requested = False
        self._report: Optional[Report] = report
        self._look_by = look_by
        self._lock = threading.Lock()
        self._next = 0
        self._waiting: Optional[Tuple[float, str]] = None

    @property
    def id(self) -> str:
        """The future's ID, by which every client can find it."""
        return str(uuid.UUID(bytes=self._id))

    def cancelled(self) -> bool:
        """Whether the task is asked to stop: it was cancelled, or its time is up."""
        return self._stop_requested

    def raise_if_cancelled(self) -> None:
        """Raises CancelledError if the task is asked to stop.

        Unless the function catches it, the future is then cancelled.
        """
        if self._stop_requested:
            raise CancelledError("stopped on request")

    def progress(self, fraction: float, message: str = "") -> None:
        """Tells how far the function is, from 0 to 1, and what it does.

        The last report is shown with the running future. Cheap, to be called as often as is convenient: reports are
        handed on at most every 50 ms. Of the message the first 256 bytes are kept. With NaN the call does nothing.
        """
        if math.isnan(fraction):
            return
        with self._lock:
            now = time.monotonic_ns()
            self._waiting = (min(max(float(fraction), 0.0), 1.0), message)
            if now >= self._next:
                self._hand_on(now)
            else:
                self._look_by(self._next)

    # --- For the worker.

    def request_stop(self) -> None:
        self._stop_requested = True

    def flush_progress(self, now: int) -> None:
        """Hands on what waits, if its time has come."""
        with self._lock:
            if self._waiting is None:
                return
            if now >= self._next:
                self._hand_on(now)
            else:
                self._look_by(self._next)

    def end(self) -> None:
        """The function has returned; reports are of no interest any more."""
        with self._lock:
            self._report = None

    def _hand_on(self, now: int) -> None:
        report, waiting = self._report, self._waiting
        self._waiting = None
        self._next = now + _INTERVAL
        if report is not None and waiting is not None:
            fraction, message = waiting
            report(fraction, message.encode("utf-8", "replace")[:_LONGEST_MESSAGE].decode("utf-8", "ignore"))
