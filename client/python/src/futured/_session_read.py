"""What a session hears from the daemon."""

from __future__ import annotations

import functools
import logging
from typing import Any, List

from futured._access import access_error
from futured._errors import InitializerFailed, UnknownFuture, exception_of
from futured._future import Future
from futured._generated import future_pb2, session_pb2
from futured._grpc import grpc
from futured._lost import Refused
from futured._news import call_back, progress_of
from futured._reasons import Refusal, explained, refusal_on_session, with_jitter
from futured._session_state import ACKNOWLEDGE_DELAY, CancelCall, Ending, SessionState, _breaking
from futured._stream import Stream

_TEMPORARY = (grpc.StatusCode.RESOURCE_EXHAUSTED.value[0], grpc.StatusCode.UNAVAILABLE.value[0])
_PROGRESS = session_pb2.SESSION_EVENT_KIND_PROGRESS
_LOGGER = logging.getLogger("concurrent.futures")


class SessionRead(SessionState):
    """The half that listens, on the session's thread."""

    def _hear(self, stream: Stream, response: session_pb2.SessionResponse) -> None:
        endings: List[Ending] = []
        with self._lock:
            if response.HasField("welcome"):
                stream.welcomed = True
                self._hear_welcome(response.welcome)
            # A daemon that only greets, and then breaks the stream whatever is submitted, is out of reach all the same.
            if not response.HasField("welcome") or len(self._outbox) == 0:
                self._unreachable_since = None
                self._failures = 0
            if response.accepted > 0:
                self._hear_accepted(response.accepted - 1)
            for refusal in response.refusals:
                self._hear_refusal(refusal, endings)
            self._outbox.settle_through(self._settled_through)
            for events in response.events:
                self._hear_events(events, endings)
            for answer in response.cancelled:
                self._hear_cancelled(answer, endings)
            self._changed.notify_all()
            if response.HasField("welcome") or self._has_something_to_say(stream):
                self._wake_writer()
        self._complete(endings)
        # Who waits for an answer finds its future done.
        for answer in response.cancelled:
            self._answer(answer.request)

    def _hear_welcome(self, welcome: session_pb2.SessionWelcome) -> None:
        self._max_arguments_size = welcome.max_arguments_size
        self._restarted = self._restarted or self._epoch not in ("", welcome.epoch)
        self._epoch = welcome.epoch

    def _hear_accepted(self, through: int) -> None:
        self._heard_through = max(self._heard_through, through)
        # What is refused for the time being is passed over by the daemon's count, but has to be sent again.
        if self._retry_at is not None:
            through = min(through, self._outbox.certain_from - 1)
        self._settled_through = max(self._settled_through, through)

    def _hear_refusal(self, refusal: session_pb2.SessionRefusal, endings: List[Ending]) -> None:
        last = refusal.first + refusal.count - 1
        # That of an attach says nothing of calls.
        if refusal.first not in self._attached:
            self._heard_through = max(self._heard_through, last)
        if refusal.HasField("retry_delay") and refusal.code in _TEMPORARY:
            self._outbox.refused_from(refusal.first, refusal.count)
            self._settled_through = min(self._settled_through, refusal.first - 1)
            if self._retry_at is None:
                self._retry_at = self._now() + with_jitter(refusal_on_session(refusal).retry_delay, self._draw)
            return
        make = access_error(refusal.code) or functools.partial(Refused, origin="call")
        for counter in range(refusal.first, last + 1):
            future = self._take(counter)
            if future is not None:
                error = make(f"the daemon refused the call: {refusal.message}")
                endings.append((future, _breaking(future, explained(error, refusal_on_session(refusal)))))

    def _hear_events(self, events: session_pb2.SessionEvents, endings: List[Ending]) -> None:
        self._last_sequence = events.sequence
        size = 0
        reasons = iter(events.unknown_reasons)
        for counter, kind, payload in zip(events.counters, events.kinds, events.payloads):
            size += len(payload)
            reason = next(reasons, "") if kind == session_pb2.SESSION_EVENT_KIND_UNKNOWN else ""
            self._hear_event(counter, kind, payload, reason, endings)
        if not self._unacknowledged:
            self._acknowledge_at = self._now() + ACKNOWLEDGE_DELAY
        self._unacknowledged += len(events.counters) - list(events.kinds).count(_PROGRESS)
        self._unacknowledged_bytes += size

    def _hear_event(self, counter: int, kind: int, payload: bytes, reason: str, endings: List[Ending]) -> None:
        if kind == session_pb2.SESSION_EVENT_KIND_STARTED:
            started = self._table.get(counter)
            if started is not None:
                started._set_started()
            return
        if kind == _PROGRESS:
            self._hear_progress(counter, payload)
            return
        # One that is not there has been told before, on another stream or by the answer to a cancel.
        future = self._take(counter)
        if future is None:
            return
        if kind == session_pb2.SESSION_EVENT_KIND_SUCCEEDED:
            endings.append((future, functools.partial(future._set_payload, payload, False)))
        elif kind == session_pb2.SESSION_EVENT_KIND_FAILED:
            endings.append((future, functools.partial(future._set_payload, payload, True)))
            self._look_for_initializer(payload, endings)
        elif kind == session_pb2.SESSION_EVENT_KIND_CANCELLED:
            endings.append((future, future._set_cancelled))
        else:
            endings.append((future, _breaking(future, self._unknown(payload, reason))))

    def _hear_progress(self, counter: int, payload: bytes) -> None:
        """While one report waits for the thread of callbacks, the next takes its place."""
        future = self._table.get(counter)
        if future is None or not future._progress_callbacks:
            return
        progress = progress_of(payload)
        if future._progress is None:
            self._uncalled += 1
            self._callbacks.post(functools.partial(self._run_progress_callbacks, future))
        future._progress = progress

    def _run_progress_callbacks(self, future: Future[Any]) -> None:
        with self._lock:
            progress, future._progress = future._progress, None
        assert progress is not None
        try:
            call_back(future, progress)
        finally:
            self._callbacks_returned()

    def _unknown(self, why: bytes, reason: str) -> UnknownFuture:
        text = f"the daemon does not know the future: {why.decode(errors='replace')}"
        error = UnknownFuture(text + (" (the daemon was restarted)" if self._restarted else ""))
        return explained(error, Refusal(reason))

    def _look_for_initializer(self, payload: bytes, endings: List[Ending]) -> None:
        """A failed initializer fails in each worker: the executor is broken, as CPython's would be."""
        if not self._has_initializer or self._broken is not None:
            return
        error = future_pb2.Error.FromString(payload)
        if not isinstance(exception_of(error, pickled=False), InitializerFailed):
            return
        _LOGGER.critical("Exception in initializer:\n%s", error.traceback or error.message)
        self._break_all(lambda: exception_of(error, pickled=False), endings)

    def _hear_cancelled(self, answer: session_pb2.SessionCancelled, endings: List[Ending]) -> None:
        call = self._cancels.get(answer.request)
        if call is None:
            return
        for counter, effect in zip(call.message.counters, answer.effects):
            call.effect = effect
            if effect != future_pb2.CANCEL_EFFECT_CANCELLED:
                continue
            future = self._take(counter)
            if future is not None:
                endings.append((future, future._set_cancelled))
        call.sent = self._retry_at is None or self._cancel_refused(call, endings)

    def _cancel_refused(self, call: CancelCall, endings: List[Ending]) -> bool:
        """The daemon refused calls before it was asked to cancel them, and knew none of them then.

        False: it waits for one of them, and is to be asked again once it has that.
        """
        counters = call.message.counters or list(self._table)
        first, futures = self._outbox.certain_from, (self._table.get(counter) for counter in counters)
        refused = [future for future in futures if future is not None and first <= future._counter <= call.highest]
        return all([self._cancel_unsent(future, endings) for future in refused if not future._attached_id])

    def _answer(self, request: int) -> None:
        with self._lock:
            call = self._cancels.get(request)
            if call is not None and call.sent:
                del self._cancels[request]
            self._wake_writer()
        if call is not None and call.sent:
            call.answered.set()
