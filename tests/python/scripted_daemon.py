"""ScriptedDaemon: a daemon that says what a test tells it to say."""

from __future__ import annotations

from collections import deque
from typing import Any, Callable, Deque, Iterator, List, Optional

from futured._generated import future_pb2, session_pb2
from futured._grpc import grpc
from guarded_daemon import GuardedDaemon


class Conversation:
    """What the client says on one stream. All calls block until it says that, or is gone."""

    def __init__(self, requests: Iterator[Any]) -> None:
        self._requests = requests
        self._submits: Deque[int] = deque()
        self._cancels: Deque[Any] = deque()
        self._attaches: Deque[Any] = deque()

    def read_submits(self, count: int) -> List[int]:
        """The counters of the next calls; fewer if the client is gone."""
        while len(self._submits) < count and self._read():
            pass
        return [self._submits.popleft() for _ in range(min(count, len(self._submits)))]

    def read_cancel(self) -> Any:
        """The next SessionCancel; an empty one if the client is gone."""
        while not self._cancels and self._read():
            pass
        return self._cancels.popleft() if self._cancels else session_pb2.SessionCancel()

    def read_attach(self) -> Any:
        """The next SessionAttach; an empty one if the client is gone."""
        while not self._attaches and self._read():
            pass
        return self._attaches.popleft() if self._attaches else session_pb2.SessionAttach()

    def read_to_end(self) -> None:
        while self._read():
            pass

    def _read(self) -> bool:
        request = next(self._requests, None)
        if request is None:
            return False
        for run in request.submits:
            self._submits.extend(range(run.first, run.first + len(run.arguments)))
        self._cancels.extend(request.cancels)
        self._attaches.extend(request.attaches)
        return True


Script = Callable[[Conversation], Iterator[Any]]


class ScriptedDaemon(GuardedDaemon):
    """Each stream is served by the script, which yields what the client is told, `welcome()` first."""

    def __init__(self, script: Script) -> None:
        self._script = script
        super().__init__()

    def _session(self, requests: Iterator[Any], context: Any) -> Iterator[Any]:
        yield from self._script(Conversation(requests))


def refused(first: int, count: int, seconds: Optional[float]) -> Any:
    """For the time being: they may be sent again after the delay. None: for good."""
    refusal = session_pb2.SessionRefusal(
        first=first, count=count, code=grpc.StatusCode.RESOURCE_EXHAUSTED.value[0], message="full"
    )
    if seconds is not None:
        refusal.retry_delay.FromMilliseconds(round(seconds * 1000))
    return session_pb2.SessionResponse(refusals=[refusal])


def cancel_answered(cancel: Any, *effects: int) -> Any:
    """`effects`: of CancelEffect, one for each counter of the request."""
    answer = session_pb2.SessionCancelled(request=cancel.request, effects=effects)
    answer.cancelled = effects.count(future_pb2.CANCEL_EFFECT_CANCELLED)
    return session_pb2.SessionResponse(cancelled=[answer])
