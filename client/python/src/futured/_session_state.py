"""What a session knows, and the steps that its parts share."""

from __future__ import annotations

import heapq
import random
import threading
import time
from collections import deque
from typing import Any, Callable, Deque, Dict, List, NamedTuple, Optional, Tuple

from futured import _ids
from futured._callbacks import CallbackThread
from futured._connector import Connector
from futured._future import Future
from futured._generated import future_pb2, session_pb2
from futured._outbox import Outbox
from futured._stream import Stream


# Outcomes are acknowledged with the next message; without one, after so many or so long.
ACKNOWLEDGE_DELAY = 0.075
MAX_UNACKNOWLEDGED = 1024
MAX_UNACKNOWLEDGED_BYTES = 1 << 20
# Futures to be cancelled.
MAX_CANCELLED_PER_MESSAGE = 20_000


class Limits(NamedTuple):
    """Of one Executor. Times in seconds."""

    reconnect_timeout: float = 60.0
    cancel_timeout: float = 5.0
    max_unaccepted: int = 100_000
    max_unaccepted_bytes: int = 64 << 20


class CancelCall:
    """A SessionCancel that has not been answered."""

    def __init__(self, message: session_pb2.SessionCancel, highest: int) -> None:
        self.message = message
        self.highest = highest  # Counter: the request is sent once this one has been.
        self.sent = False
        self.answered = threading.Event()
        self.effect = future_pb2.CANCEL_EFFECT_UNSPECIFIED


# What is left to do with futures once the lock is released: each completes one, and says whether it has callbacks.
Ending = Tuple["Future[Any]", Callable[[], bool]]


class SessionState:
    """The unfinished futures of one Executor, and what is to be said about them.

    One lock guards it. No thread takes it while it holds a future's, and no user code runs under it. What may be called
    by a finalizer, in the middle of anything, takes no lock at all: it leaves its work in `_deferred` and wakes the writer.
    """

    def __init__(
        self,
        connector: Connector,
        executor: str = "",
        max_workers: int = 0,
        limits: Limits = Limits(),
        *,
        transient: bool = False,
        has_initializer: bool = False,
        detach: bool = False,
    ) -> None:
        # Constant.
        self.connector = connector
        self.executor = executor
        self.cancel_timeout = limits.cancel_timeout
        self.reconnect_timeout = limits.reconnect_timeout
        self._max_workers = max_workers
        self._limits = limits
        self._transient = transient  # The stream ends whenever there is nothing to wait for.
        self._has_initializer = has_initializer
        self._detach = detach  # What is unfinished at the end of the program is left to the daemon.
        self._reset()

    def _reset(self) -> None:
        self._prefix = _ids.new_prefix()
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)  # For those who wait for room, for the end, or to reconnect.
        self._table: Dict[int, Future[Any]] = {}  # By counter.
        self._outbox = Outbox()
        self._next_counter = 1
        self._unfinished = 0  # Futures in the table but for attached ones, and those about to be completed.
        self._uncalled = 0  # Futures that are done, and reports of progress, whose callbacks have not all returned.
        self._shut_down = False
        self._closing = False
        self._broken: Optional[Callable[[], BaseException]] = None  # Makes the error that tells why.
        self._callbacks = CallbackThread()
        self._deferred: Deque[Callable[[List[Ending]], object]] = deque()

        self._attached: Dict[int, str] = {}  # Unfinished futures of other sessions: counter, ID.
        self._attaches: Deque[int] = deque()  # Those of them to be sent.
        self._observed: List[int] = []  # Of futures with progress callbacks those to be sent: a heap.
        self._observed_attached: List[int] = []  # The same of attached ones.
        self._cancels: Dict[int, CancelCall] = {}  # By request.
        self._next_cancel = 1

        # The stream, and what was said and heard on it.
        self._thread: Optional[threading.Thread] = None  # Connects, and reads. None: there is nothing to wait for.
        self._stream: Optional[Stream] = None
        self._watched: Deque[int] = deque()  # To be sent.
        self._settled_through = 0  # Counters up to here are accepted, or refused for good.
        self._heard_through = 0  # Counters up to here have had some answer since they were last sent.
        self._retry_at: Optional[float] = None  # Calls are held back until then, since the daemon is full.
        self._max_arguments_size = 0  # 0: not known yet.
        self._epoch = ""
        self._restarted = False  # The daemon was, since the session began.
        self._last_sequence = 0
        self._unacknowledged = 0  # Outcomes.
        self._unacknowledged_bytes = 0
        self._acknowledge_at = 0.0
        self._unreachable_since: Optional[float] = None
        self._failures = 0  # Attempts without success, one after another.

    def id_of(self, counter: int) -> str:
        return _ids.future_id(self._prefix, counter)

    @property
    def address(self) -> str:
        """Of the daemon."""
        return self.connector.address

    @property
    def broken(self) -> bool:
        """It is of no use any more."""
        return self._broken is not None

    @property
    def shut_down(self) -> bool:
        """It takes no more calls."""
        return self._shut_down

    def _wake_from_anywhere(self) -> None:
        stream = self._stream
        if stream is not None:
            stream.wakeups.put(None)

    # All that follow REQUIRE the lock.

    def _is_wanted(self, counter: int) -> bool:
        return counter in self._table or counter == self._outbox.repeat

    def _is_over(self) -> bool:
        idle = not self._table and not self._cancels
        return self._closing or (idle and (self._shut_down or self._transient))

    def _wants_stream(self) -> bool:
        return bool(self._table) and self._broken is None and not self._closing

    def _wake_writer(self) -> None:
        stream = self._stream
        if stream is not None and stream.writer_waits:
            stream.writer_waits = False
            stream.wakeups.put(None)

    def _has_something_to_say(self, stream: Stream) -> bool:
        """Whether what was heard is a reason to wake the writer. What others have to say they wake it for themselves."""
        return (
            self._outbox.may_send()
            or self._retry_at is not None
            or self._may_observe()
            or self._unacknowledged >= MAX_UNACKNOWLEDGED
            or self._unacknowledged_bytes >= MAX_UNACKNOWLEDGED_BYTES
            or (self._unacknowledged > 0 and stream.writer_wakes_at > self._acknowledge_at)
            or self._is_over()
        )

    def _observe(self, future: Future[Any]) -> None:
        """Has the daemon tell its progress."""
        if future._attached_id:
            self._observed_attached.append(future._counter)
        else:
            heapq.heappush(self._observed, future._counter)

    def _may_observe(self) -> bool:
        """The daemon passes over what it does not know yet."""
        return bool(self._observed_attached or (self._observed and self._observed[0] <= self._settled_through))

    def _take(self, counter: int) -> Optional[Future[Any]]:
        future = self._table.pop(counter, None)
        if future is not None:
            self._attached.pop(counter, None)
        return future

    def _cancel_unsent(self, future: Future[Any], endings: List[Ending]) -> bool:
        """Cancels it if the daemon has certainly not accepted it."""
        counter = future._counter
        if future._attached_id or counter < self._outbox.certain_from or counter == self._outbox.repeat:
            return False
        if self._take(counter) is not None:
            endings.append((future, future._set_cancelled))
        return True

    def _queue_cancel(self, counters: List[int], mode: int, grace: float = 0.0) -> CancelCall:
        """Counters: none means all futures of the session."""
        message = session_pb2.SessionCancel(request=self._next_cancel, counters=counters, all=not counters)
        message.mode = mode
        if grace > 0:
            message.grace.FromMilliseconds(round(grace * 1000))
        call = CancelCall(message, max(counters) if counters else self._next_counter - 1)
        self._cancels[self._next_cancel] = call
        self._next_cancel += 1
        return call

    def _break_all(self, error: Callable[[], BaseException], endings: List[Ending]) -> None:
        """`error` makes a new exception for each future."""
        self._broken = error
        for counter in list(self._table):
            future = self._table[counter]
            self._take(counter)
            endings.append((future, _breaking(future, error())))
        self._outbox.clear()
        self._attaches.clear()
        self._drop_cancels()
        self._changed.notify_all()
        self._wake_writer()

    def _drop_cancels(self) -> None:
        for call in self._cancels.values():
            call.answered.set()
        self._cancels.clear()

    # REQUIRES: not the lock.

    def _complete(self, endings: List[Ending]) -> None:
        """Makes outcomes known, and then counts them."""
        if not endings:
            return
        called = [future for future, complete in endings if complete()]
        own = sum(not future._attached_id for future, _ in endings)
        with self._lock:
            self._unfinished -= own
            self._uncalled += len(called)
            for future in called:
                self._callbacks.post(_callbacks_of(self, future))
            self._changed.notify_all()
            if self._is_over():
                self._wake_writer()
                if self._thread is None:  # It would have stopped them, and has ended before they were posted.
                    self._callbacks.stop()

    def _callbacks_returned(self) -> None:
        with self._lock:
            self._uncalled -= 1
            self._changed.notify_all()

    @staticmethod
    def _now() -> float:
        return time.monotonic()

    @staticmethod
    def _draw() -> float:
        """From 0 to 1, at random."""
        return random.random()


def _breaking(future: Future[Any], error: BaseException) -> Callable[[], bool]:
    return lambda: future._set_error(error)


def _callbacks_of(session: SessionState, future: Future[Any]) -> Callable[[], None]:
    def run() -> None:
        future._run_callbacks()
        session._callbacks_returned()

    return run
