"""Why a call was refused, for programs: what the daemon says beside code and message; see futured/v1/errors.proto."""

from __future__ import annotations

import random
from typing import Any, Callable, NamedTuple, TypeVar

from google.protobuf.message import DecodeError

from futured._generated import errors_pb2, session_pb2

_DETAILS = "grpc-status-details-bin"


class Refusal(NamedTuple):
    """All of it is empty where the daemon did not speak."""

    reason: str = ""
    retry_delay: float = 0.0
    field: str = ""


class Explained:
    """An error that says why the daemon did not do what it was asked."""

    #: The name of the reason, "EXECUTOR_UNKNOWN" for example: futured/v1/errors.proto has them, and what they mean. Empty
    #: where the daemon did not speak.
    reason: str = ""
    #: In seconds, when trying again may help; 0: never as it is.
    retry_delay: float = 0.0
    #: The field of the request that is to blame, as the protocol names it; may be empty.
    field: str = ""


_Error = TypeVar("_Error", bound=Explained)


def explained(error: _Error, refusal: Refusal) -> _Error:
    """The error, which says so."""
    error.reason, error.retry_delay, error.field = refusal
    return error


def refusal_of(error: Any) -> Refusal:
    """What a grpc.RpcError of a call says. Bytes that are no details count as none."""
    for key, value in error.trailing_metadata() or ():
        if key == _DETAILS:
            try:
                return _read(errors_pb2.ErrorStatus.FromString(value))
            except DecodeError:
                break
    return Refusal()


def refusal_on_session(refusal: session_pb2.SessionRefusal) -> Refusal:
    return Refusal(refusal.reason, _seconds(refusal.retry_delay), refusal.field)


def with_jitter(delay: float, draw: Callable[[], float] = random.random) -> float:
    """When to try again after a refusal with that delay: then, or up to half as long later.

    Else all who were refused come at once. `draw` gives numbers from 0 to 1.
    """
    return delay * (1 + draw() / 2)


def _read(status: errors_pb2.ErrorStatus) -> Refusal:
    refusal = Refusal()
    for detail in status.details:
        kind = detail.type_url.rpartition("/")[2]
        if kind == "google.rpc.ErrorInfo":
            refusal = refusal._replace(reason=errors_pb2.ErrorInfo.FromString(detail.value).reason)
        elif kind == "google.rpc.RetryInfo":
            delay = errors_pb2.RetryInfo.FromString(detail.value).retry_delay
            refusal = refusal._replace(retry_delay=_seconds(delay))
        elif kind == "google.rpc.BadRequest":
            for violation in errors_pb2.BadRequest.FromString(detail.value).field_violations[:1]:
                refusal = refusal._replace(field=violation.field)
    return refusal


def _seconds(duration: Any) -> float:
    return max(0.0, duration.seconds + duration.nanos / 1e9)
