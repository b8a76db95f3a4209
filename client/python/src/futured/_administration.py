"""What administrators ask of the daemon, beside sessions."""

from __future__ import annotations

from typing import Any

from futured._errors import ConnectionLost
from futured._generated import executor_service_pb2
from futured._grpc import grpc
from futured._lost import Refused, SessionBroken
from futured._reasons import explained, refusal_of
from futured._session import Session
from futured._stream import open_channel

_SERVICE = "/futured.v1.ExecutorService/"
_UNREACHABLE = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED)


def end_workers(session: Session, kill: bool) -> None:
    """Shuts the session down and ends all workers of its executor. Returns when the signals are on their way.

    Raises ConnectionLost when the daemon does not answer, SessionBroken when it has no executor of that name, Refused
    when that has no processes.
    """
    # First, else the successors of the workers would take what is pending.
    session.shutdown(False, True)
    mode = executor_service_pb2.END_WORKERS_MODE_KILL if kill else executor_service_pb2.END_WORKERS_MODE_TERMINATE
    with open_channel(session.address) as channel:
        name = session.executor
        if not name:
            listed = _call(session, channel, "List", executor_service_pb2.ExecutorServiceListRequest())
            name = listed.executors[0].name
        _call(session, channel, "EndWorkers", executor_service_pb2.EndWorkersRequest(name=name, mode=mode))


def _call(session: Session, channel: grpc.Channel, method: str, request: Any) -> Any:
    answer = getattr(executor_service_pb2, type(request).__name__.replace("Request", "Response"))
    call = channel.unary_unary(
        _SERVICE + method, request_serializer=type(request).SerializeToString, response_deserializer=answer.FromString
    )
    try:
        return call(request, timeout=session.cancel_timeout)
    except grpc.RpcError as error:
        if error.code() in _UNREACHABLE:
            lost = ConnectionLost(f"no answer from {session.address}: {error.details()}")
            raise explained(lost, refusal_of(error)) from None
        if error.code() == grpc.StatusCode.NOT_FOUND:
            raise explained(SessionBroken(error.details()), refusal_of(error)) from None
        raise explained(Refused(error.details(), origin="call"), refusal_of(error)) from None
