"""Errors of a caller whom the daemon does not know, or who may not do that."""

from __future__ import annotations

from typing import Callable, Optional, Union

from futured._grpc import grpc
from futured._lost import PermissionDenied, SessionBroken, Unauthenticated

# Makes the error of a call or session from its message.
MakeError = Callable[[str], Union[PermissionDenied, SessionBroken, Unauthenticated]]


def access_error(code: int) -> Optional[MakeError]:
    """What makes the error of that status code from its message. None for all other codes."""
    if code == grpc.StatusCode.UNAUTHENTICATED.value[0]:
        return Unauthenticated
    if code == grpc.StatusCode.PERMISSION_DENIED.value[0]:
        return lambda message: PermissionDenied(message, origin="call")
    return None
