"""One gRPC stream of a session, on a connection of its own."""

from __future__ import annotations

import os
import queue
from typing import Iterator

from futured._generated import session_pb2
from futured._grpc import grpc

_METHOD = "/futured.v1.FutureService/Session"
_OPTIONS = (
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
    # gRPC's own waiting between connection attempts must never add to ours.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 5_000),
    ("grpc.max_reconnect_backoff_ms", 5_000),
    ("grpc.enable_retries", 0),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
)
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


class _Process:
    """gRPC has threads, which a forked process does not inherit: it hangs in a child of a process that used it."""

    used = False
    forked = False


def works_here() -> bool:
    """Whether this process was not forked from one in which there was a connection."""
    return not _Process.forked


def _after_fork() -> None:
    _Process.forked = _Process.used


os.register_at_fork(after_in_child=_after_fork)


def open_channel(address: str) -> grpc.Channel:
    _Process.used = True
    return grpc.insecure_channel(address, options=_OPTIONS)


def is_fatal(error: grpc.RpcError) -> bool:
    return error.code() in _FATAL


class Stream:
    """What is said and heard on it is the session's business; what it remembers of one stream is here."""

    def __init__(self, address: str) -> None:
        self._channel = open_channel(address)
        self._call: grpc.Call
        # A token wakes the thread that writes. Safe from any thread, and from finalizers.
        self.wakeups: queue.SimpleQueue[None] = queue.SimpleQueue()
        # Guarded by the session's lock.
        self.writer_waits = False
        self.writer_wakes_at = 0.0  # By itself.
        self.greeted = False
        self.welcomed = False
        self.ended = False

    def start(self, requests: Iterator[session_pb2.SessionRequest]) -> Iterator[session_pb2.SessionResponse]:
        """Sends the requests, on a thread of gRPC's, and gives the responses; raises grpc.RpcError when it breaks."""
        method = self._channel.stream_stream(
            _METHOD,
            request_serializer=session_pb2.SessionRequest.SerializeToString,
            response_deserializer=session_pb2.SessionResponse.FromString,
        )
        self._call = responses = method(requests)
        return iter(responses)

    def cancel(self) -> None:
        self._call.cancel()

    def close(self) -> None:
        """Closes the connection. The thread that iterates over the requests ends with the next of them."""
        self._channel.close()
