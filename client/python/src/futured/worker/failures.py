"""Exceptions as data: what a worker says of one."""

from __future__ import annotations

import traceback
from typing import Any, Optional, Set

from futured import _pickles
from futured._generated import future_pb2

#: Bounds of an error, so that a whole one fits into any message: of each text, in bytes, and of the chain of causes.
_LONGEST_TEXT = 16 << 10
_MOST_CAUSES = 16


def failure(origin: future_pb2.ErrorOrigin, type: str, message: str) -> future_pb2.Error:
    """An error that is no exception."""
    return future_pb2.Error(origin=origin, type=type, message=_cut(message))


def describe_exception(
    exception: BaseException,
    limit: int = 0,
    *,
    origin: future_pb2.ErrorOrigin = future_pb2.ERROR_ORIGIN_TASK,
    skip: int = 0,
) -> future_pb2.Error:
    """Its type, message, traceback text and causes; and itself as a pickle of at most `limit` bytes, if it has one that
    can be unpickled.

    `skip` frames of the traceback are the worker's own. Raises nothing, whatever the exception's methods do.
    """
    error = _describe(exception, origin, set())
    error.traceback = _cut(_traceback_of(exception, skip), keep_end=True)
    opaque = _pickle_of(exception, limit) if limit > 0 else None
    if opaque is not None:
        error.exception.CopyFrom(opaque)
    return error


def _describe(exception: BaseException, origin: future_pb2.ErrorOrigin, seen: Set[int]) -> future_pb2.Error:
    seen.add(id(exception))
    error = future_pb2.Error(origin=origin, type=_cut(_type_of(exception)), message=_cut(_message_of(exception)))
    cause = exception.__cause__
    if cause is None and not exception.__suppress_context__:
        cause = exception.__context__
    if cause is not None and id(cause) not in seen and len(seen) < _MOST_CAUSES:
        error.cause.CopyFrom(_describe(cause, future_pb2.ERROR_ORIGIN_TASK, seen))
    return error


def _type_of(exception: BaseException) -> str:
    cls = type(exception)
    return cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"


def _message_of(exception: BaseException) -> str:
    try:
        return str(exception)
    except BaseException:
        return f"<{type(exception).__name__} whose str() failed>"


def _traceback_of(exception: BaseException, skip: int) -> str:
    try:
        frames = exception.__traceback__
        for _ in range(skip):
            frames = frames.tb_next if frames is not None else None
        return "".join(traceback.format_exception(type(exception), exception, frames))
    except BaseException:
        return ""


def _pickle_of(exception: BaseException, limit: int) -> Optional[Any]:
    try:
        opaque = _pickles.encode_exception(exception)
    except BaseException:
        return None
    return opaque if len(opaque.data) <= limit else None


# Bounded, and UTF-8. A traceback says most at its end.
def _cut(text: str, keep_end: bool = False) -> str:
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= _LONGEST_TEXT:
        return data.decode()
    note = f"…[truncated, {len(data)} bytes]"
    space = _LONGEST_TEXT - len(note.encode())
    end = space * 3 // 4 if keep_end else 0
    return _text(data[: space - end]) + note + _text(data[len(data) - end :])


# Without the halves of characters.
def _text(data: bytes) -> str:
    return data.decode("utf-8", "ignore")
