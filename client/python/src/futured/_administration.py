"""What administrators ask of the daemon, beside sessions."""

from __future__ import annotations

import time
from typing import Any

from futured._access import call_error, credentials_for_call
from futured._connector import metadata
from futured._generated import executor_service_pb2
from futured._grpc import grpc
from futured._lost import SessionBroken
from futured._retry import Retry
from futured._session import Session

_SERVICE = "/futured.v1.ExecutorService/"


def end_workers(session: Session, kill: bool) -> None:
    """Shuts the session down and ends all workers of its executor. Returns when the signals are on their way.

    A daemon that is out of reach is waited for, for `reconnect_timeout`; when it goes before it has answered, the workers
    of the next one are ended, too. Raises ConnectionLost when the daemon does not answer, SessionBroken when it has no
    executor of that name, Refused when that has no processes, Unauthenticated and PermissionDenied.
    """
    # What cannot be read is told before anything is changed.
    credentials_for_call(session.connector)
    # First, else the successors of the workers would take what is pending.
    session.shutdown(False, True)
    mode = executor_service_pb2.END_WORKERS_MODE_KILL if kill else executor_service_pb2.END_WORKERS_MODE_TERMINATE
    name = session.executor
    if not name:
        name = _call(session, "List", executor_service_pb2.ExecutorServiceListRequest()).executors[0].name
    _call(session, "EndWorkers", executor_service_pb2.EndWorkersRequest(name=name, mode=mode))


def _call(session: Session, method: str, request: Any) -> Any:
    retry = Retry(session.reconnect_timeout)
    while True:
        try:
            return _call_once(session, method, request)
        except grpc.RpcError as error:
            pause = retry.after(error)
            if pause is None:
                raise call_error(error, session.address, SessionBroken) from None
        time.sleep(pause)


def _call_once(session: Session, method: str, request: Any) -> Any:
    answer = getattr(executor_service_pb2, type(request).__name__.replace("Request", "Response"))
    credentials = credentials_for_call(session.connector)
    with session.connector.open(credentials) as channel:
        call = channel.unary_unary(
            _SERVICE + method,
            request_serializer=type(request).SerializeToString,
            response_deserializer=answer.FromString,
        )
        return call(request, timeout=session.cancel_timeout, metadata=metadata(credentials))
