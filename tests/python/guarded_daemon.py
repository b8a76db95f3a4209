"""GuardedDaemon: a daemon that lets nobody in without the token, for tests of credentials."""

from __future__ import annotations

import concurrent.futures
from typing import Any, Callable, Iterator, List, Optional

import futured  # noqa: F401  (before gRPC, which it imports in its own way)
from futured._generated import executor_service_pb2, session_pb2, value_pb2
from futured._grpc import grpc

_SERVICE = "futured.v1.FutureService"
_ADMINISTRATION = "futured.v1.ExecutorService"


class GuardedDaemon:
    """Serves sessions, where each call returns its counter, and administrators. To be used in a `with`, which ends it."""

    def __init__(self, token: str = "", *, listen: str = "127.0.0.1:0", credentials: Optional[Any] = None) -> None:
        self.token = token  # Empty: all may enter.
        self.shown: List[str] = []  # What each call or stream showed; empty for nothing.
        # Runs when a stream brings its first call. It may break the stream by `context.abort`.
        self.at_first_call: Callable[[Any], None] = lambda context: None
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(8))
        session = grpc.stream_stream_rpc_method_handler(
            self._session, session_pb2.SessionRequest.FromString, session_pb2.SessionResponse.SerializeToString
        )
        end_workers = grpc.unary_unary_rpc_method_handler(
            self._end_workers,
            executor_service_pb2.EndWorkersRequest.FromString,
            executor_service_pb2.EndWorkersResponse.SerializeToString,
        )
        self._server.add_generic_rpc_handlers(
            (
                grpc.method_handlers_generic_handler(_SERVICE, {"Session": session}),
                grpc.method_handlers_generic_handler(_ADMINISTRATION, {"EndWorkers": end_workers}),
            )
        )
        if credentials is None:
            port = self._server.add_insecure_port(listen)
        else:
            port = self._server.add_secure_port(listen, credentials)
        self.address = listen if listen.startswith("unix:") else f"127.0.0.1:{port}"
        self._server.start()

    def __enter__(self) -> GuardedDaemon:
        return self

    def __exit__(self, *error: object) -> None:
        self._server.stop(None).wait()

    def _admit(self, context: Any) -> None:
        shown = dict(context.invocation_metadata()).get("authorization", "")
        self.shown.append(shown)
        if self.token and shown != f"Bearer {self.token}":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "who is this?")

    def _session(self, requests: Iterator[Any], context: Any) -> Iterator[Any]:
        self._admit(context)
        yield welcome()
        called = False
        sequence = 0
        for request in requests:
            for run in request.submits:
                if not called:
                    called = True
                    self.at_first_call(context)
                counters = range(run.first, run.first + len(run.arguments))
                sequence += 1
                yield outcomes(sequence, list(counters))

    def _end_workers(self, request: Any, context: Any) -> Any:
        self._admit(context)
        if request.name != "mine":
            context.abort(grpc.StatusCode.PERMISSION_DENIED, f"{request.name} is not for you")
        return executor_service_pb2.EndWorkersResponse()


def welcome() -> Any:
    return session_pb2.SessionResponse(welcome=session_pb2.SessionWelcome(epoch="first", max_arguments_size=4 << 20))


def outcomes(sequence: int, counters: List[int]) -> Any:
    """All up to the last one are accepted, and these have returned their counters."""
    payloads = [value_pb2.Value(uint_value=counter).SerializeToString() for counter in counters]
    kinds = [session_pb2.SESSION_EVENT_KIND_SUCCEEDED] * len(counters)
    events = session_pb2.SessionEvents(sequence=sequence, counters=counters, kinds=kinds, payloads=payloads)
    return session_pb2.SessionResponse(accepted=counters[-1] + 1, events=[events])
