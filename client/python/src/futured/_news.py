"""What is told of a future before its end: progress, and what its function logs."""

from __future__ import annotations

import datetime
import logging
import threading
from typing import TYPE_CHECKING, Any, Callable, Iterator, NamedTuple, Optional

from futured._access import call_error, credentials_for_call
from futured._connector import metadata
from futured._credentials import LoadedCredentials
from futured._errors import UnknownFuture
from futured._generated import future_pb2, future_service_pb2
from futured._grpc import grpc
from futured._retry import Retry

if TYPE_CHECKING:
    from futured._future import Future
    from futured._session import Session

_WATCH = "/futured.v1.FutureService/Watch"
_KIND = "LOG_KIND_"
_LOGGER = logging.getLogger("concurrent.futures")


class Progress(NamedTuple):
    """How far a running function is, as it says itself by `futured.current().progress`."""

    #: 0 to 1. It may go back.
    fraction: float
    message: str


class LogLine(NamedTuple):
    """A line that a function has logged or printed."""

    #: From 1, through all attempts. A gap is lines that the daemon dropped.
    number: int
    #: The attempt that logged it.
    attempt: int
    #: When the daemon heard of it, in UTC.
    time: datetime.datetime
    #: "debug", "info", "warning" or "error": logged at that level; "stdout" or "stderr": written there.
    kind: str
    #: May have control characters in it, line feeds too.
    text: str


#: Takes what is told.
ProgressCallback = Callable[[Progress], object]


def progress_of(payload: bytes) -> Progress:
    progress = future_pb2.Progress.FromString(payload)
    return Progress(progress.fraction, progress.message)


def call_back(future: Future[Any], progress: Progress) -> None:
    for callback in list(future._progress_callbacks or ()):
        try:
            callback(progress)
        except BaseException:  # Nothing that a callback raises may end the thread that serves all.
            _LOGGER.exception("exception calling progress callback for %r", future)


class LogLines(Iterator[LogLine]):
    """The lines of a future, by number. With `follow` until it has ended, also if the daemon is started again meanwhile.

    Iterating raises UnknownFuture, Unauthenticated, Refused, and ConnectionLost when the daemon does not answer within
    `cancel_timeout`, or is out of reach for `reconnect_timeout`. For one thread, but for close().
    """

    def __init__(self, session: Session, future_id: str, follow: bool) -> None:
        self._session = session
        self._follow = follow
        self._request = future_service_pb2.WatchRequest(ids=[future_id], logs=True, follow=follow)
        self._call: Optional[grpc.Call] = None
        self._closed = threading.Event()
        self._lines = self._read()

    def __next__(self) -> LogLine:
        return next(self._lines)

    def close(self) -> None:
        """Ends the iteration, also one that another thread waits in."""
        self._closed.set()
        call = self._call
        if call is not None:
            call.cancel()

    def _read(self) -> Iterator[LogLine]:
        session = self._session
        retry = Retry(session.reconnect_timeout)
        while not self._closed.is_set():
            try:
                credentials = credentials_for_call(session.connector)
                with session.connector.open(credentials) as channel:
                    for response in self._start(channel, credentials):
                        retry.heard()
                        for news in response.news:
                            self._request.positions[:] = [news.position]
                            yield from map(_line_of, news.lines)
                return
            except grpc.RpcError as error:
                if self._closed.is_set():
                    return
                pause = retry.after(error)
                if pause is None:
                    raise call_error(error, session.address, UnknownFuture) from None
            self._closed.wait(pause)

    def _start(self, channel: grpc.Channel, credentials: LoadedCredentials) -> Any:
        watch = channel.unary_stream(
            _WATCH,
            request_serializer=future_service_pb2.WatchRequest.SerializeToString,
            response_deserializer=future_service_pb2.WatchResponse.FromString,
        )
        timeout = None if self._follow else self._session.cancel_timeout
        self._call = call = watch(self._request, timeout=timeout, metadata=metadata(credentials))
        if self._closed.is_set():
            call.cancel()
        return call


def _line_of(line: future_pb2.LogLine) -> LogLine:
    kind = future_pb2.LogKind.Name(line.kind) if line.kind in future_pb2.LogKind.values() else "LOG_KIND_INFO"
    at = line.time.ToDatetime().replace(tzinfo=datetime.timezone.utc)
    return LogLine(line.number, line.attempt, at, kind[len(_KIND) :].lower(), line.text)
