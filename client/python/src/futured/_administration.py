"""What administrators ask of the daemon, beside sessions."""

from __future__ import annotations

from typing import Any

from futured._access import call_error, credentials_for_call
from futured._connector import metadata
from futured._credentials import LoadedCredentials
from futured._generated import executor_service_pb2
from futured._grpc import grpc
from futured._lost import SessionBroken
from futured._session import Session

_SERVICE = "/futured.v1.ExecutorService/"


def end_workers(session: Session, kill: bool) -> None:
    """Shuts the session down and ends all workers of its executor. Returns when the signals are on their way.

    Raises ConnectionLost when the daemon does not answer, SessionBroken when it has no executor of that name, Refused
    when that has no processes, Unauthenticated and PermissionDenied.
    """
    credentials = credentials_for_call(session.connector)
    # First, else the successors of the workers would take what is pending.
    session.shutdown(False, True)
    mode = executor_service_pb2.END_WORKERS_MODE_KILL if kill else executor_service_pb2.END_WORKERS_MODE_TERMINATE
    with session.connector.open(credentials) as channel:
        name = session.executor
        if not name:
            listed = _call(session, channel, credentials, "List", executor_service_pb2.ExecutorServiceListRequest())
            name = listed.executors[0].name
        request = executor_service_pb2.EndWorkersRequest(name=name, mode=mode)
        _call(session, channel, credentials, "EndWorkers", request)


def _call(
    session: Session, channel: grpc.Channel, credentials: LoadedCredentials, method: str, request: Any
) -> Any:
    answer = getattr(executor_service_pb2, type(request).__name__.replace("Request", "Response"))
    call = channel.unary_unary(
        _SERVICE + method, request_serializer=type(request).SerializeToString, response_deserializer=answer.FromString
    )
    try:
        return call(request, timeout=session.cancel_timeout, metadata=metadata(credentials))
    except grpc.RpcError as error:
        raise call_error(error, session.address, SessionBroken) from None
