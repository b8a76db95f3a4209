"""The client's end of a session: one Executor's futures and its stream to the daemon."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, List, NamedTuple, Optional

from futured import _ids
from futured._access import MakeError
from futured._connector import works_here
from futured._credentials import UnusableCredentials
from futured._errors import ConnectionLost
from futured._future import Future
from futured._generated import future_pb2
from futured._grpc import grpc
from futured._lost import ForkedProcess, SessionBroken, Unauthenticated
from futured._news import ProgressCallback
from futured._reasons import Refusal, explained, refusal_of, with_jitter
from futured._session_read import SessionRead
from futured._session_state import MAX_CANCELLED_PER_MESSAGE, CancelCall, Ending
from futured._session_write import SessionWrite
from futured._stream import Stream, breaking

_LOGGER = logging.getLogger("concurrent.futures")
_FIRST_BACKOFF = 0.1
_LAST_BACKOFF = 5.0
_CLOSE_TIMEOUT = 2.0
_STOPPED = (
    future_pb2.CANCEL_EFFECT_CANCELLED,
    future_pb2.CANCEL_EFFECT_STOP_REQUESTED,
    future_pb2.CANCEL_EFFECT_STOP_ENFORCED,
)
# What gRPC had when this process was forked. To free it here would be to wait for threads that do not exist here.
_left_to_the_parent: List[object] = []


class _Loss(NamedTuple):
    """How a stream ended."""

    text: str
    broken: Optional[MakeError] = None  # What makes the error if trying again is of no use.
    refusal: Refusal = Refusal()


class Session(SessionWrite, SessionRead):
    """Owns the unfinished futures, keeps a stream open for them, and makes known the outcomes that arrive.

    Safe from any thread. Held by its Executor, by its futures, and by its own thread while there is something to wait
    for. That thread opens the stream, reads it, and opens the next when it breaks.
    """

    # For Executor.

    def check(self) -> None:
        """Raises as submit() does."""
        if self._broken is not None:
            raise self._broken()
        if self._shut_down:
            raise RuntimeError("cannot schedule new futures after shutdown")
        if not works_here():
            raise ForkedProcess(
                "gRPC does not work in this process, which was forked from one that had used it: fork before the first"
                " submit, or start processes by the methods 'spawn' or 'forkserver'"
            )

    def has_room(self, size: int) -> bool:
        """Whether submit() of so many bytes of arguments would not block."""
        with self._lock:
            return self._has_room(size)

    def submit(
        self, function: str, arguments: bytes, options: Optional[future_pb2.TaskOptions], pickled: bool
    ) -> Future[Any]:
        """One call. Blocks while there are as many that the daemon has not accepted as the limits allow."""
        with self._lock:
            self.check()
            if not self._has_room(len(arguments)):
                self._changed.wait_for(lambda: self._has_room(len(arguments)) or self._refuses())
                self.check()
            counter = self._next_counter
            self._next_counter = counter + 1
            future: Future[Any] = Future(self, counter, pickled)
            self._table[counter] = future
            self._unfinished += 1
            self._outbox.append((counter, function, options, arguments))
            self._wake_writer()
            if self._thread is None:
                self._start()
        return future

    def failed(self, error: BaseException, pickled: bool) -> Future[Any]:
        """A future that failed before it could be submitted."""
        with self._lock:
            self.check()
            counter = self._next_counter
            self._next_counter = counter + 1
        future: Future[Any] = Future(self, counter, pickled)
        future._set_error(error)
        return future

    def attach(self, future_id: str, pickled: bool) -> Future[Any]:
        """Watches a future of another session. ValueError: it is no ID."""
        if not _ids.is_future_id(future_id):
            raise ValueError(f"{future_id!r} is no ID of a future")
        with self._lock:
            self.check()
            counter = self._next_counter
            self._next_counter = counter + 1
            future: Future[Any] = Future(self, counter, pickled, future_id)
            self._table[counter] = future
            self._attached[counter] = future_id
            self._attaches.append(counter)
            self._wake_writer()
            if self._thread is None:
                self._start()
        return future

    def add_progress_callback(self, future: Future[Any], callback: ProgressCallback) -> None:
        """Without effect on one that has ended."""
        with self._lock:
            if self._table.get(future._counter) is not future:
                return
            if future._progress_callbacks is None:
                future._progress_callbacks = []
                self._observe(future)
            future._progress_callbacks.append(callback)
            self._wake_writer()

    def cancel_pending(self, futures: List[Future[Any]], wait: bool = True) -> None:
        """Has those cancelled that no worker has begun, and may wait for that."""
        endings: List[Ending] = []
        with self._lock:
            call = self._cancel_now(futures, endings)
            self._wake_writer()
        self._complete(endings)
        if call is not None and wait:
            call.answered.wait(self.cancel_timeout)

    def cancel_pending_soon(self, futures: List[Future[Any]]) -> None:
        """As cancel_pending(), without waiting. Takes no lock: a finalizer may call it."""
        self._deferred.append(lambda endings: self._cancel_now(futures, endings))
        self._wake_from_anywhere()

    def shutdown(self, wait: bool, cancel_futures: bool) -> None:
        """Refuses calls from then on. May wait until every future is done and its callbacks have run."""
        call = None
        endings: List[Ending] = []
        with self._lock:
            self._shut_down = True
            self._changed.notify_all()
            if cancel_futures and self._broken is None:
                for future in list(self._table.values()):
                    self._cancel_unsent(future, endings)
                if self._unfinished > len(endings):
                    call = self._queue_cancel([], future_pb2.CANCEL_MODE_PENDING)
            self._wake_writer()
        self._complete(endings)
        if call is not None:
            call.answered.wait(self.cancel_timeout)
        if wait:
            self._wait_until_done()
            self._join()
        elif self._thread is None:
            self._callbacks.stop()

    def abandon(self) -> None:
        """As shutdown(False, False), for finalizers: takes no lock."""
        self._shut_down = True
        self._wake_from_anywhere()
        if self._thread is None:
            self._callbacks.stop()

    def close(self) -> None:
        """Ends the stream, and leaves what is unfinished to the daemon. Bounded."""
        endings: List[Ending] = []
        with self._lock:
            self._shut_down = self._closing = True
            if self._broken is None:
                self._break_all(lambda: SessionBroken("the executor is closed; the task goes on"), endings)
            self._changed.notify_all()
            self._wake_writer()
        self._complete(endings)
        self._join()

    def wait_until_settled(self, counter: Optional[int] = None) -> None:
        """Until the daemon has accepted this call, or all. At most `cancel_timeout`."""
        with self._lock:
            through = self._next_counter - 1 if counter is None else counter
            self._changed.wait_for(lambda: self._is_settled(through), self.cancel_timeout)

    # For futures.

    def cancel(self, future: Future[Any]) -> bool:
        self._cancel(future, future_pb2.CANCEL_MODE_PENDING)
        return future.cancelled()

    def request_stop(self, future: Future[Any]) -> bool:
        return self._cancel(future, future_pb2.CANCEL_MODE_COOPERATIVE) or future.cancelled()

    def kill(self, future: Future[Any], grace: float) -> bool:
        return self._cancel(future, future_pb2.CANCEL_MODE_FORCE, grace) or future.cancelled()

    def _cancel(self, future: Future[Any], mode: int, grace: float = 0.0) -> bool:
        endings: List[Ending] = []
        call = None
        with self._lock:
            if self._table.get(future._counter) is not future:
                ending = not future.done()
            elif not self._cancel_unsent(future, endings):
                ending = False
                call = self._queue_cancel([future._counter], mode, grace)
                self._wake_writer()
            else:
                ending = False
        self._complete(endings)
        if ending:
            # Its outcome is here, and another thread is about to tell.
            _wait_for_end(future, self.cancel_timeout)
        if call is None:
            return future.cancelled()
        if not call.answered.wait(self.cancel_timeout):
            with self._lock:
                self._cancels.pop(call.message.request, None)
        return call.effect in _STOPPED

    # REQUIRES the lock.

    def _cancel_now(self, futures: List[Future[Any]], endings: List[Ending]) -> Optional[CancelCall]:
        open_ones = [future for future in futures if self._table.get(future._counter) is future]
        rest = [future._counter for future in open_ones if not self._cancel_unsent(future, endings)]
        call = None
        for first in range(0, len(rest), MAX_CANCELLED_PER_MESSAGE):
            some = rest[first : first + MAX_CANCELLED_PER_MESSAGE]
            call = self._queue_cancel(some, future_pb2.CANCEL_MODE_PENDING)
        return call  # The daemon answers in their order.

    def _has_room(self, size: int) -> bool:
        calls, limits = len(self._outbox), self._limits
        return calls == 0 or (
            calls < limits.max_unaccepted and self._outbox.bytes + size <= limits.max_unaccepted_bytes
        )

    def _is_settled(self, counter: int) -> bool:
        first = self._outbox.first()
        return first is None or first > counter or self._broken is not None

    def _refuses(self) -> bool:
        return self._shut_down or self._broken is not None

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="futured-session", daemon=True)
        self._thread.start()

    # The session's thread.

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._wants_stream():
                    self._end_thread()
                    return
                stream = self._stream = Stream(self.connector)
                if self._unreachable_since is None:
                    self._unreachable_since = self._now()
            loss = self._read(stream)
            self._lose(stream)
            endings: List[Ending] = []
            with self._lock:
                self._look_at(loss, endings)
            self._complete(endings)

    def _end_thread(self) -> None:
        self._thread = None
        self._drop_cancels()
        if self._is_over():
            self._callbacks.stop()
        self._changed.notify_all()

    def _read(self, stream: Stream) -> _Loss:
        """Until the stream ends."""
        try:
            for response in stream.start(self._requests(stream)):
                self._hear(stream, response)
            return _Loss("the daemon ended the stream")
        except grpc.RpcError as error:
            broken = breaking(error)
            again = broken is Unauthenticated and stream.has_newer_credentials()
            return _Loss(str(error.details()), None if again else broken, refusal_of(error))
        except UnusableCredentials as error:
            # Whoever replaces a file may not be done yet.
            return _Loss(str(error))
        except Exception as error:
            _LOGGER.critical("a session of futured broke", exc_info=True)
            return _Loss(f"{type(error).__name__}: {error}", SessionBroken)

    def _lose(self, stream: Stream) -> None:
        with self._lock:
            stream.ended = True
            self._stream = None
            self._rewind()
        stream.wakeups.put(None)
        stream.close()

    def _look_at(self, loss: _Loss, endings: List[Ending]) -> None:
        if self._broken is not None:
            return
        if loss.broken is not None:
            make = loss.broken
            text = f"the daemon ended the session: {loss.text}"
            self._break_all(lambda: explained(make(text), loss.refusal), endings)
            return
        if not self._wants_stream():
            self._unreachable_since = None
            self._failures = 0
            return
        if self._unreachable_since is None:
            self._unreachable_since = self._now()
        limit = self._unreachable_since + self._limits.reconnect_timeout
        # A daemon that says when to come back knows better.
        pause = max(self._backoff(), with_jitter(loss.refusal.retry_delay, self._draw))
        pause = min(pause, max(0.0, limit - self._now()))
        self._changed.wait_for(lambda: not self._wants_stream(), pause)
        if self._wants_stream() and self._now() >= limit:
            text = f"no connection to {self.address} for {self._limits.reconnect_timeout:g} s: {loss.text}"
            self._break_all(lambda: explained(ConnectionLost(text), loss.refusal), endings)

    def _backoff(self) -> float:
        longest = min(_LAST_BACKOFF, _FIRST_BACKOFF * 2 ** min(self._failures, 6))
        self._failures += 1
        return longest / 2 * (1 + self._draw())

    # REQUIRES: not the lock.

    def _wait_until_done(self) -> None:
        in_callback = self._callbacks.is_current()
        with self._lock:
            self._changed.wait_for(lambda: self._unfinished == 0 and (in_callback or self._uncalled == 0))

    def _join(self) -> None:
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(_CLOSE_TIMEOUT)
            stream = self._stream
            if thread.is_alive() and stream is not None:
                stream.cancel()
                thread.join(_CLOSE_TIMEOUT)
        self._callbacks.stop()
        self._callbacks.join(_CLOSE_TIMEOUT)

    # For _exit.

    def _at_exit(self) -> None:
        if self._detach:
            self.wait_until_settled()
            self.close()
        else:
            self.shutdown(True, False)

    def _after_fork(self) -> None:
        """The futures are the parent's business: in the child they fail, lest somebody wait for ever."""
        left = list(self._table.values())
        _left_to_the_parent.append((self._stream, self._thread, self._lock, self._changed))
        prefix, shut_down = self._prefix, self._shut_down
        self._reset()
        self._prefix, self._shut_down = prefix, shut_down
        self._broken = lambda: ForkedProcess("this executor belongs to the process that this one was forked from")
        for future in left:
            future._forget_parent()
            future._set_error(ForkedProcess(f"future {future.id} belongs to the process that this one was forked from"))


def _wait_for_end(future: Future[Any], timeout: float) -> None:
    deadline = time.monotonic() + timeout
    with future._condition:
        while not future.done() and time.monotonic() < deadline:
            future._condition.wait(deadline - time.monotonic())
