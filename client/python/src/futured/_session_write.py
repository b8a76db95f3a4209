"""What a session says: which message is sent next, and when there is none."""

from __future__ import annotations

import heapq
import math
import queue
from typing import Iterator, List, Optional, Tuple

from futured._errors import LimitExceeded
from futured._generated import session_pb2
from futured._outbox import MAX_BYTES, MAX_HEAD_BYTES, Call, add_calls, head_size
from futured._reasons import Refusal, explained
from futured._session_state import (
    ACKNOWLEDGE_DELAY,
    MAX_CANCELLED_PER_MESSAGE,
    MAX_UNACKNOWLEDGED,
    MAX_UNACKNOWLEDGED_BYTES,
    Ending,
    SessionState,
    _breaking,
)
from futured._stream import Stream

_MAX_WATCHED_PER_MESSAGE = 100_000
_MAX_ATTACHES_PER_MESSAGE = 10_000

Message = Tuple[session_pb2.SessionRequest, List[Call]]


class SessionWrite(SessionState):
    """The half that speaks. gRPC iterates over `_requests` on a thread of its own, whenever the last one is written."""

    def _requests(self, stream: Stream) -> Iterator[session_pb2.SessionRequest]:
        while True:
            message = self._next_message(stream)
            if message is None:
                return  # Half-closes the stream.
            request, calls = message
            add_calls(request, calls)
            yield request

    def _next_message(self, stream: Stream) -> Optional[Message]:
        # After a message the outcome of a short task is expected, whose acknowledgement then needs no wake-up.
        expected: Optional[float] = ACKNOWLEDGE_DELAY
        while True:
            endings: List[Ending] = []
            with self._lock:
                while self._deferred:
                    self._deferred.popleft()(endings)
                over = stream.ended or self._stream is not stream
                message = None if over else self._compose(stream, endings)
                over = over or (message is None and not endings and self._is_over())
                stream.writer_waits = message is None and not over and not endings
                delay = self._delay()
                if delay is None:
                    delay, expected = expected, None
                stream.writer_wakes_at = math.inf if delay is None else self._now() + delay
            self._complete(endings)
            if message is not None or over:
                return message
            if not endings:
                _wait(stream, delay)

    def _delay(self) -> Optional[float]:
        """Until something is due. None: for ever."""
        due = [self._acknowledge_at] if self._unacknowledged else []
        if self._retry_at is not None:
            due.append(self._retry_at)
        return max(0.0, min(due) - self._now()) if due else None

    def _compose(self, stream: Stream, endings: List[Ending]) -> Optional[Message]:
        self._retry_refused()
        request = session_pb2.SessionRequest()
        calls = self._next_calls(stream, endings)
        something = bool(calls)
        if not stream.greeted:
            stream.greeted = something = True
            self._greet(request)
        something |= self._add_watched(request)
        something |= self._add_attaches(request)
        something |= self._add_observed(request)
        something |= self._add_cancels(request, calls)
        something |= self._add_acknowledgement(request, alone=not something)
        return (request, calls) if something else None

    def _next_calls(self, stream: Stream, endings: List[Ending]) -> List[Call]:
        while self._retry_at is None and self._outbox.may_send():
            call = self._outbox.front()
            counter, _, _, arguments = call
            # A single large call could break the stream: the limit must be known first.
            if len(arguments) > MAX_BYTES and not stream.welcomed:
                return []
            if len(arguments) > self._max_arguments_size > 0:
                self._drop_large(counter, _large_arguments(len(arguments), self._max_arguments_size), endings)
                continue
            head = head_size(call)
            if head > MAX_HEAD_BYTES:
                self._drop_large(counter, _large_head(head), endings)
                continue
            calls = self._outbox.take(self._is_wanted)
            if calls:
                return calls
        return []

    def _drop_large(self, counter: int, error: LimitExceeded, endings: List[Ending]) -> None:
        """The call at the front, whose message the daemon would not read, fails with the error."""
        self._outbox.drop_front()
        self._changed.notify_all()
        future = self._take(counter)
        if future is not None:
            endings.append((future, _breaking(future, error)))

    def _greet(self, request: session_pb2.SessionRequest) -> None:
        request.hello.session = self.id_of(0)
        request.hello.executor = self.executor
        request.hello.max_workers = self._max_workers

    def _add_watched(self, request: session_pb2.SessionRequest) -> bool:
        count = min(len(self._watched), _MAX_WATCHED_PER_MESSAGE)
        request.watched.extend([self._watched.popleft() for _ in range(count)])
        return count > 0

    def _add_attaches(self, request: session_pb2.SessionRequest) -> bool:
        while self._attaches and len(request.attaches) < _MAX_ATTACHES_PER_MESSAGE:
            counter = self._attaches.popleft()
            if counter in self._attached:
                request.attaches.add(counter=counter, id=self._attached[counter])
        return len(request.attaches) > 0

    def _add_observed(self, request: session_pb2.SessionRequest) -> bool:
        while not self._watched and self._may_observe() and len(request.observed) < _MAX_WATCHED_PER_MESSAGE:
            attached = self._observed_attached
            request.observed.append(attached.pop() if attached else heapq.heappop(self._observed))
        return len(request.observed) > 0

    def _add_cancels(self, request: session_pb2.SessionRequest, calls: List[Call]) -> bool:
        # The daemon reads a message's calls before its cancels.
        unsent = self._outbox.first_unsent()
        named = 0
        for call in self._cancels.values():
            too_early = (unsent is not None and unsent <= call.highest) or (
                self._retry_at is not None and self._outbox.certain_from <= call.highest
            )
            if call.sent or too_early:
                continue
            # The daemon goes through all it has for one that names none.
            named += len(call.message.counters) or MAX_CANCELLED_PER_MESSAGE
            if request.cancels and named > MAX_CANCELLED_PER_MESSAGE:
                break
            call.sent = True
            request.cancels.append(call.message)
        return len(request.cancels) > 0

    def _add_acknowledgement(self, request: session_pb2.SessionRequest, *, alone: bool) -> bool:
        if not self._unacknowledged:
            return False
        due = (
            self._retry_at is not None
            or self._unacknowledged >= MAX_UNACKNOWLEDGED
            or self._unacknowledged_bytes >= MAX_UNACKNOWLEDGED_BYTES
            or self._acknowledge_at <= self._now()
            or self._is_over()
        )
        if alone and not due:
            return False
        request.acknowledged = self._last_sequence
        self._unacknowledged = self._unacknowledged_bytes = 0
        return True

    def _retry_refused(self) -> None:
        # Answers to calls sent before the delay must not be taken for answers to their repetition.
        if self._retry_at is None or self._now() < self._retry_at:
            return
        if self._heard_through < self._outbox.sent_through():
            return
        self._retry_at = None
        self._heard_through = self._outbox.certain_from - 1
        self._outbox.requeue(lambda counter: counter > self._settled_through and self._is_wanted(counter))
        self._changed.notify_all()

    def _rewind(self) -> None:
        """The stream is lost: what is to be said on the next."""
        self._outbox.requeue(lambda counter: counter > self._settled_through and counter in self._table)
        self._outbox.repeat = 0
        self._retry_at = None
        self._heard_through = 0
        self._last_sequence = 0
        self._unacknowledged = self._unacknowledged_bytes = 0
        unsent = self._outbox.first_unsent()
        own = [counter for counter in self._table if counter not in self._attached]
        self._watched.clear()
        self._watched.extend(counter for counter in own if unsent is None or counter < unsent)
        self._attaches.clear()
        self._attaches.extend(self._attached)
        self._observed.clear()
        self._observed_attached.clear()
        for future in self._table.values():
            if future._progress_callbacks:
                self._observe(future)
        for call in self._cancels.values():
            call.sent = False
        if not self._table:
            self._drop_cancels()
        self._changed.notify_all()


def _large_arguments(size: int, limit: int) -> LimitExceeded:
    text = f"the arguments take {size} bytes; the daemon accepts {limit} (its option max_arguments_size)"
    return explained(LimitExceeded(text, origin="limit"), Refusal("ARGUMENTS_TOO_LARGE"))


def _large_head(size: int) -> LimitExceeded:
    text = f"the function's name and the options of the call take {size} bytes; {MAX_HEAD_BYTES} is the most"
    return LimitExceeded(text, origin="limit")


def _wait(stream: Stream, delay: Optional[float]) -> None:
    try:
        stream.wakeups.get(timeout=delay)
    except queue.Empty:
        pass
