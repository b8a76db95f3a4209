"""Errors, both ways: what a worker says of an exception, and what a client raises for it.

    TaskError                   the task failed, and not with an exception that can be raised again as it was
    ├── UnknownFunction         its executor has no function of that name (LookupError)
    ├── TaskTimeout             it ran longer than its timeout, or expired (TimeoutError)
    ├── LimitExceeded           arguments or result too large (ValueError)
    ├── WorkerLost              its worker process died or was killed (BrokenProcessPool)
    ├── DaemonRestarted         the daemon ended before it did (BrokenProcessPool)
    ├── ExecutorBroken          there are no workers: they don't start (BrokenProcessPool)
    │   └── InitializerFailed   the initializer raised
    └── NotUnpicklable          the task or its result could not be unpickled (BrokenProcessPool)
    ConnectionLost              the daemon could not be reached for too long (BrokenProcessPool)
    UnknownFuture               the daemon does not know the future (BrokenProcessPool)

LimitExceeded, ConnectionLost, UnknownFuture, SessionBroken and Refused say why in `reason`, by a name for programs.

Those that derive from BrokenProcessPool spoil one future only: the executor stays usable.
"""

from __future__ import annotations

import concurrent.futures
import concurrent.futures.process
from concurrent.futures.process import BrokenProcessPool
from typing import Dict, Optional, Type, TypeVar

from futured._generated import future_pb2
from futured._reasons import Explained

_MOST_CAUSES = 16

_ORIGINS: Dict[int, str] = {
    future_pb2.ERROR_ORIGIN_TASK: "task",
    future_pb2.ERROR_ORIGIN_CALL: "call",
    future_pb2.ERROR_ORIGIN_TIMEOUT: "timeout",
    future_pb2.ERROR_ORIGIN_LIMIT: "limit",
    future_pb2.ERROR_ORIGIN_DAEMON: "daemon",
    future_pb2.ERROR_ORIGIN_WORKER: "worker",
    future_pb2.ERROR_ORIGIN_EXECUTOR: "executor",
}

#: The `__cause__` of an exception that comes from elsewhere: shows where it was raised; `tb` is the text. It is the
#: class that ProcessPoolExecutor uses.
RemoteTraceback: Type[Exception] = getattr(concurrent.futures.process, "_RemoteTraceback")

_Self = TypeVar("_Self", bound="TaskError")


class TaskError(Exception):
    """A task failed.

    Raised for functions of other languages, for named functions, and where an exception cannot be rebuilt.

    >>> try:
    ...     executor.submit("math.is_prime", "many").result()
    ... except futured.TaskError as error:
    ...     print(error.type, error.message, error.origin)
    """

    #: Type of the error in the language of the function: "std::out_of_range", "ValueError".
    type: str
    message: str
    #: Where it was raised, for people; may be empty.
    traceback: str
    #: Who is to blame: "task", "call", "timeout", "limit", "daemon", "worker" or "executor".
    origin: str
    #: The attempt that failed, from 1; 0 where there was none.
    attempt: int
    #: Where it ran, for example "python-1"; may be empty.
    worker: str
    #: What caused it.
    cause: Optional[TaskError]

    def __init__(
        self,
        message: str = "",
        *,
        type: str = "",
        traceback: str = "",
        origin: str = "task",
        attempt: int = 0,
        worker: str = "",
        cause: Optional[TaskError] = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.type = type
        self.traceback = traceback
        self.origin = origin
        self.attempt = attempt
        self.worker = worker
        self.cause = cause

    def __str__(self) -> str:
        return f"{self.type}: {self.message}" if self.type else self.message


class UnknownFunction(TaskError, LookupError):
    """The executor has no function of that name."""


class TaskTimeout(TaskError, concurrent.futures.TimeoutError):
    """The task ran longer than its timeout, or had not ended when it expired.

    `future.done()` is true then, which tells it from a wait whose time is up.
    """


class LimitExceeded(Explained, TaskError, ValueError):
    """Too large. The message names the limit."""


class WorkerLost(TaskError, BrokenProcessPool):
    """The worker process crashed or was killed while it ran the task. The message names the signal or exit code."""


class DaemonRestarted(TaskError, BrokenProcessPool):
    """The daemon ended before the task did. Whether it had ended by itself is not known."""


class ExecutorBroken(TaskError, BrokenProcessPool):
    """The executor has no workers: they don't start."""


class InitializerFailed(ExecutorBroken):
    """The initializer of the Executor raised, so the task was not begun."""


class NotUnpicklable(TaskError, BrokenProcessPool):
    """The task could not be unpickled in the worker, or its result or exception in the client.

    For a missing module the message names it.
    """

    @classmethod
    def of(cls: Type[_Self], what: str, error: BaseException) -> _Self:
        """`what` could not be unpickled because of `error`."""
        return cls(f"{what} cannot be unpickled: {_one_line(error)}", type="futured.NotUnpicklable", origin="call")


class ConnectionLost(Explained, BrokenProcessPool):
    """The daemon could not be reached for too long. Whether the task has run, or still will, is not known."""


class UnknownFuture(Explained, BrokenProcessPool):
    """The daemon does not know the future: it was forgotten, has expired, or was lost in a restart."""


_BY_ORIGIN: Dict[int, Type[TaskError]] = {
    future_pb2.ERROR_ORIGIN_TIMEOUT: TaskTimeout,
    future_pb2.ERROR_ORIGIN_LIMIT: LimitExceeded,
    future_pb2.ERROR_ORIGIN_DAEMON: DaemonRestarted,
    future_pb2.ERROR_ORIGIN_WORKER: WorkerLost,
    future_pb2.ERROR_ORIGIN_EXECUTOR: ExecutorBroken,
}

_BY_TYPE: Dict[str, Type[TaskError]] = {
    "futured::UnknownFunction": UnknownFunction,
    "futured.UnknownFunction": UnknownFunction,
    "futured.NotUnpicklable": NotUnpicklable,
    "futured.InitializerFailed": InitializerFailed,
}


def exception_of(error: future_pb2.Error, *, pickled: bool) -> BaseException:
    """The exception to raise for `error`, an object of its own.

    `pickled` says that the caller pickled the call: then the exception is the very type that was raised, with its
    arguments, attributes and notes, and the remote traceback as `__cause__`. Else, or where that cannot be rebuilt, it
    is a TaskError. Raises KeyboardInterrupt only, whatever a `__setstate__` does.
    """
    if pickled and error.origin == future_pb2.ERROR_ORIGIN_TASK and error.HasField("exception"):
        return _rebuilt(error)
    return _described(error, _class_of(error))


def _rebuilt(error: future_pb2.Error) -> BaseException:
    # Not at the top, as pickles need the errors.
    from futured import _pickles

    try:
        exception = _pickles.load_exception(error.exception)
    except KeyboardInterrupt:
        raise  # Not about the pickle: somebody does not want to wait for it.
    except BaseException as why:
        described = _described(error, NotUnpicklable)
        described.message += f" (not raised as it was, because it cannot be unpickled: {_one_line(why)})"
        described.args = (described.message,)
        return described
    exception.__cause__ = RemoteTraceback(_quoted(error.traceback))
    return exception


def _class_of(error: future_pb2.Error) -> Type[TaskError]:
    if error.origin == future_pb2.ERROR_ORIGIN_TASK:
        return TaskError
    return _BY_TYPE.get(error.type, _BY_ORIGIN.get(error.origin, TaskError))


def _described(error: future_pb2.Error, cls: Type[TaskError], depth: int = 1) -> TaskError:
    described = cls(
        error.message,
        type=error.type,
        traceback=error.traceback,
        origin=_ORIGINS.get(error.origin, ""),
        attempt=error.attempt,
        worker=error.worker,
    )
    if error.HasField("cause") and depth < _MOST_CAUSES:
        described.cause = _described(error.cause, TaskError, depth + 1)
    described.__cause__ = RemoteTraceback(_quoted(error.traceback)) if error.traceback else described.cause
    return described


# As concurrent.futures shows it.
def _quoted(traceback: str) -> str:
    return f'\n"""\n{traceback}"""'


def _one_line(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return type(error).__name__
