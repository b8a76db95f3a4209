"""One gRPC stream of a session, on a connection of its own."""

from __future__ import annotations

import queue
from typing import Iterator, Optional

from futured._access import MakeError, access_error
from futured._connector import Connector, metadata
from futured._credentials import LoadedCredentials
from futured._generated import session_pb2
from futured._grpc import grpc
from futured._lost import SessionBroken

_METHOD = "/futured.v1.FutureService/Session"
# Trying again would end the same way.
_FATAL = (
    grpc.StatusCode.ABORTED,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.UNIMPLEMENTED,
)


def breaking(error: grpc.RpcError) -> Optional[MakeError]:
    """What makes the error of a session that ended so. None: it is of use to try again."""
    code = error.code()
    return access_error(code.value[0]) or SessionBroken if code in _FATAL else None


class Stream:
    """What is said and heard on it is the session's business; what it remembers of one stream is here."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._credentials: Optional[LoadedCredentials] = None  # Those that it shows.
        self._channel: Optional[grpc.Channel] = None
        self._call: Optional[grpc.Call] = None
        # A token wakes the thread that writes. Safe from any thread, and from finalizers.
        self.wakeups: queue.SimpleQueue[None] = queue.SimpleQueue()
        # Guarded by the session's lock.
        self.writer_waits = False
        self.writer_wakes_at = 0.0  # By itself.
        self.greeted = False
        self.welcomed = False
        self.ended = False

    def start(self, requests: Iterator[session_pb2.SessionRequest]) -> Iterator[session_pb2.SessionResponse]:
        """Sends the requests, on a thread of gRPC's, and gives the responses; raises grpc.RpcError when it breaks.

        Raises UnusableCredentials when they cannot be read.
        """
        self._credentials = self._connector.load()
        self._channel = self._connector.open(self._credentials)
        method = self._channel.stream_stream(
            _METHOD,
            request_serializer=session_pb2.SessionRequest.SerializeToString,
            response_deserializer=session_pb2.SessionResponse.FromString,
        )
        self._call = responses = method(requests, metadata=metadata(self._credentials))
        return iter(responses)

    def has_newer_credentials(self) -> bool:
        """Whether another stream would show others."""
        return self._credentials is not None and self._connector.has_newer(self._credentials)

    def cancel(self) -> None:
        if self._call is not None:
            self._call.cancel()

    def close(self) -> None:
        """Closes the connection. The thread that iterates over the requests ends with the next of them."""
        if self._channel is not None:
            self._channel.close()
