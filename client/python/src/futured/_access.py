"""Errors of calls that are not of the session, and of a caller whom the daemon does not know or who may not do that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional, Type, Union

from futured._credentials import LoadedCredentials, UnusableCredentials
from futured._errors import ConnectionLost, UnknownFuture
from futured._grpc import grpc
from futured._lost import PermissionDenied, Refused, SessionBroken, Unauthenticated
from futured._reasons import explained, refusal_of

if TYPE_CHECKING:
    from futured._connector import Connector

_UNREACHABLE = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED)

# Makes the error of a call or session from its message.
MakeError = Callable[[str], Union[PermissionDenied, SessionBroken, Unauthenticated]]


def access_error(code: int) -> Optional[MakeError]:
    """What makes the error of that status code from its message. None for all other codes."""
    if code == grpc.StatusCode.UNAUTHENTICATED.value[0]:
        return Unauthenticated
    if code == grpc.StatusCode.PERMISSION_DENIED.value[0]:
        return lambda message: PermissionDenied(message, origin="call")
    return None


def credentials_for_call(connector: Connector) -> LoadedCredentials:
    """What a call shows. Raises Unauthenticated when it cannot be read."""
    try:
        return connector.load()
    except UnusableCredentials as error:
        raise Unauthenticated(str(error)) from None


def call_error(
    error: grpc.RpcError, address: str, missing: Type[Union[SessionBroken, UnknownFuture]]
) -> Union[ConnectionLost, PermissionDenied, Refused, SessionBroken, Unauthenticated, UnknownFuture]:
    """The error of a call that failed with `error`: `missing` if the daemon does not have what it is about."""
    refusal, text = refusal_of(error), str(error.details())
    if error.code() in _UNREACHABLE:
        return explained(ConnectionLost(f"no answer from {address}: {text}"), refusal)
    if error.code() == grpc.StatusCode.NOT_FOUND:
        return explained(missing(text), refusal)
    denied = access_error(error.code().value[0])
    return explained(denied(text) if denied else Refused(text, origin="call"), refusal)
