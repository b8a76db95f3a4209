"""The future of a task that runs in the daemon."""

from __future__ import annotations

import concurrent.futures
import logging
import threading
from concurrent.futures._base import CANCELLED, CANCELLED_AND_NOTIFIED, FINISHED, PENDING, RUNNING
from typing import TYPE_CHECKING, Any, Callable, List, Optional, Tuple, TypeVar

from futured import _outcome

if TYPE_CHECKING:
    from futured._news import LogLines, Progress, ProgressCallback
    from futured._session import Session

T = TypeVar("T")
_DONE = (CANCELLED, CANCELLED_AND_NOTIFIED, FINISHED)
_LOGGER = logging.getLogger("concurrent.futures")


class Future(concurrent.futures.Future[T]):
    """A `concurrent.futures.Future` whose function runs elsewhere. Made by `Executor.submit` and `futured.attach`.

    `concurrent.futures.wait` and `as_completed`, `asyncio.wrap_future` and the like take it as any other. Pickling it
    keeps its address and ID: the copy, in whatever process, waits for the same task. The daemon forgets an outcome that it
    has delivered here, unless the task has the option `retention`. Safe to use from many threads.

    The outcome is opened by the first who asks for it, in the thread of that call, and is the same object from then on.

    Example:
        >>> future = executor.submit(pow, 2, 10)
        >>> future.id
        '0c5d58a0-94f9-8a3c-b1d6-5f0e2a9c11d7-000000000001'
        >>> future.result(timeout=30)     # seconds
        1024
    """

    # The base's, to which `wait` and `as_completed` hold too.
    _state: str
    _exception: Optional[BaseException]
    _waiters: List[Any]
    _done_callbacks: List[Callable[[Any], object]]
    # Of few futures; the session's lock guards them.
    _progress_callbacks: Optional[List[ProgressCallback]] = None
    _progress: Optional[Progress] = None  # That waits for them.

    def __init__(self, session: Session, counter: int, pickled: bool, attached_id: str = "") -> None:
        super().__init__()
        self._session = session
        self._counter = counter
        self._pickled = pickled
        self._attached_id = attached_id
        self._payload: Optional[bytes] = None  # The outcome as it came, until somebody asks for it.
        self._failed = False

    @property
    def id(self) -> str:
        """Its UUID, by which any process can `futured.attach` to it: a moment after the submission, when it has arrived.

        To be sure, pickle the future instead, which waits for that.
        """
        return self._attached_id or self._session.id_of(self._counter)

    def cancel(self) -> bool:
        """Asks the daemon to cancel the task, and waits for the answer: one round trip, at most `cancel_timeout`.

        True: it is cancelled, and its function will never run. False: it runs or has ended; or the daemon did not
        answer, and then it may still become cancelled later.
        """
        return self._session.cancel(self)

    def request_stop(self) -> bool:
        """As `cancel`, and asks a running function to stop. True: it is cancelled, or was asked.

        A function that honours it (see `futured.current`) ends the future as cancelled.
        """
        return self._session.request_stop(self)

    def kill(self, grace: float = 0.0) -> bool:
        """As `request_stop`, and what has not stopped within `grace` seconds is killed, with all that it started.

        Then the future is cancelled. It stays running until its process is gone. On an executor of kind "thread", which
        cannot kill, this is `request_stop`. Raises ValueError for a negative grace or one above an hour.
        """
        if not 0 <= grace <= 3600:
            raise ValueError("grace must be from 0 to 3600 seconds")
        return self._session.kill(self, grace)

    def add_progress_callback(self, fn: ProgressCallback) -> None:
        """Calls `fn(progress)` when the function tells its progress (see `futured.current`).

        On the thread of the executor's done callbacks, and before those. What was told meanwhile is told once, by its
        last. Without effect on a future that is done. What `fn` raises is logged and otherwise ignored.

        Example:
            >>> future.add_progress_callback(lambda progress: print(f"{progress.fraction:.0%} {progress.message}"))
        """
        self._session.add_progress_callback(self, fn)

    def logs(self, follow: bool = False) -> LogLines:
        """The lines that its attempts have logged and printed so far, as far as the daemon keeps them.

        With `follow` also what comes, until it has ended: a daemon that is started again meanwhile is waited for. The
        daemon keeps lines as long as the future itself: of one that was submitted here, and without `retention`, until
        its outcome has arrived. Iterating raises UnknownFuture, ConnectionLost, Refused; `close()` ends it, from any
        thread.

        Example:
            >>> for line in future.logs(follow=True):
            ...     print(line.time, line.kind, line.text)
        """
        from futured._news import LogLines

        self._session.wait_until_settled(self._counter)
        return LogLines(self._session, self.id, follow)

    def result(self, timeout: Optional[float] = None) -> T:
        """The value that the function returned, or what it raised. Waits for it, at most `timeout` seconds.

        Raises TimeoutError when the time is up, which changes nothing; CancelledError; what the function raised, with
        the remote traceback as its cause; TaskError where that cannot be had here; BrokenProcessPool's subclasses when
        the worker, the executor or the daemon was lost.
        """
        try:
            self._make_ready(timeout)
            if self._exception is not None:  # The base asks whether it is true, and an exception may be false.
                raise self._exception
            return super().result(0)
        finally:
            self = None  # type: ignore[assignment]  # Breaks the cycle with the exception's traceback.

    def exception(self, timeout: Optional[float] = None) -> Optional[BaseException]:
        """What `result` would raise, or None. Raises CancelledError, TimeoutError."""
        self._make_ready(timeout)
        return super().exception(0)

    def __reduce__(self) -> Tuple[Callable[..., Any], Tuple[Any, ...]]:
        from futured._attach import attach

        self._session.wait_until_settled(self._counter)  # Else the copy could be asked for before the task is known.
        connector = self._session.connector
        return attach, (self.id, connector.address, self._pickled, connector.given)

    def __repr__(self) -> str:
        text = "finished" if self._payload is not None else super().__repr__().partition("state=")[2].rstrip(">")
        known = f"id={self.id} " if self.id else ""
        return f"<Future at {id(self):#x} {known}state={text}>"

    def _make_ready(self, timeout: Optional[float]) -> None:
        """Done, and its outcome opened. Raises TimeoutError."""
        if self._state not in _DONE:
            with self._condition:
                if self._state not in _DONE:
                    self._condition.wait(None if timeout is None else min(timeout, threading.TIMEOUT_MAX))
                # Decided here: the outcome may come at any moment, and whoever looked later would find it unopened.
                if self._state not in _DONE:
                    raise concurrent.futures.TimeoutError()
        if self._payload is not None:
            self._open()

    def _open(self) -> None:
        # Without the lock, as unpickling runs code of others. Of two threads that do it at once, one is believed.
        payload = self._payload
        if payload is None:
            return
        value, error = _outcome.open_outcome(payload, self._failed, self._pickled)
        with self._condition:
            if self._payload is not None:
                self._result, self._exception = value, error
                self._payload = None

    # For the session. Each returns whether there are callbacks to be run.

    def _set_started(self) -> None:
        with self._condition:
            if self._state == PENDING:
                self._state = RUNNING

    def _set_payload(self, payload: bytes, failed: bool) -> bool:
        with self._condition:
            if self._state in _DONE:
                return False
            self._payload, self._failed = payload, failed
            self._state = FINISHED
            for waiter in self._waiters:
                (waiter.add_exception if failed else waiter.add_result)(self)
            self._condition.notify_all()
        return bool(self._done_callbacks)

    def _set_error(self, error: BaseException) -> bool:
        with self._condition:
            if self._state in _DONE:
                return False
            self._exception = error
            self._state = FINISHED
            for waiter in self._waiters:
                waiter.add_exception(self)
            self._condition.notify_all()
        return bool(self._done_callbacks)

    def _set_cancelled(self) -> bool:
        # Waiters are told in the same step: there is no time in which it is cancelled and `wait` does not know.
        with self._condition:
            if self._state in _DONE:
                return False
            self._state = CANCELLED_AND_NOTIFIED
            for waiter in self._waiters:
                waiter.add_cancelled(self)
            self._condition.notify_all()
        return bool(self._done_callbacks)

    def _run_callbacks(self) -> None:
        # They may hold what holds this future, as those of asyncio.wrap_future do.
        callbacks, self._done_callbacks = self._done_callbacks, []
        for callback in callbacks:
            try:
                callback(self)
            except BaseException:  # Nothing that a callback raises may end the thread that serves all.
                _LOGGER.exception("exception calling callback for %r", self)

    def _forget_parent(self) -> None:
        """In a forked child: whoever held the lock does not exist here."""
        self._condition = threading.Condition()
        self._waiters = []
