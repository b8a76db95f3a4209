"""Runs one task: finds its function, calls it, and says how that ended."""

from __future__ import annotations

import concurrent.futures
import logging
import sys
from typing import Any, Callable, Dict, Mapping, Optional

from google.protobuf.message import DecodeError

from futured import _pickles
from futured._errors import NotUnpicklable
from futured._generated import future_pb2, value_pb2, worker_pb2
from futured._values import from_value, to_value
from futured.worker.context import Context
from futured.worker.failures import describe_exception, failure

# Of a traceback: run() and what it calls.
_OWN_FRAMES = 2


class _Failed(Exception):
    """The task has failed outside its function."""

    def __init__(self, error: future_pb2.Error) -> None:
        super().__init__(error.message)
        self.error = error


class TaskRunner:
    """For one thread."""

    def __init__(
        self, functions: Mapping[str, Callable[..., Any]], *, accept_pickle: bool, executor: str, max_value_size: int
    ) -> None:
        self._functions = functions
        self._accept_pickle = accept_pickle
        self._executor = executor
        self._max_value_size = max_value_size
        # By their keys; None: it went well.
        self._initialized: Dict[bytes, Optional[future_pb2.Error]] = {}

    def run(self, name: str, arguments: bytes, context: Context, result: worker_pb2.Result) -> None:
        """Calls the function and fills in how it ended. Raises nothing, whatever the function does."""
        pickled = self._accept_pickle and name == _pickles.FUNCTION
        try:
            value = self._call_pickled(arguments) if pickled else self._call_named(name, arguments)
        except _Failed as failed:
            result.error.CopyFrom(failed.error)
        except BaseException as exception:
            if context.cancelled() and _is_cancellation(exception):
                result.cancelled.SetInParent()
            else:
                limit = self._max_value_size if pickled else 0
                result.error.CopyFrom(describe_exception(exception, limit, skip=_OWN_FRAMES))
        else:
            if len(value) <= self._max_value_size:
                result.value = value
            else:
                result.error.CopyFrom(self._too_large(len(value)))

    def _call_pickled(self, data: bytes) -> bytes:
        arguments = value_pb2.Arguments.FromString(data)
        initializer = _pickles.decode_initializer(arguments)
        if initializer is not None:
            self._initialize(initializer)
        try:
            function, args, kwargs = _pickles.decode_call(arguments)
        except NotUnpicklable as problem:
            raise _Failed(_not_unpicklable(problem)) from None
        del arguments
        return _pickles.encode_result(function(*args, **kwargs))

    def _call_named(self, name: str, data: bytes) -> bytes:
        function = self._functions.get(name)
        if function is None:
            raise _Failed(self._unknown(name))
        try:
            arguments = value_pb2.Arguments.FromString(data)
            args = [from_value(item) for item in arguments.positional]
            kwargs = {key: from_value(item) for key, item in arguments.keyword.items()}
        except (DecodeError, ValueError) as problem:
            raise _Failed(describe_exception(problem, origin=future_pb2.ERROR_ORIGIN_CALL)) from None
        try:
            returned = function(*args, **kwargs)
        except TypeError as problem:
            frames = problem.__traceback__
            if frames is None or frames.tb_next is None:
                # It was not entered: the arguments are wrong.
                raise _Failed(describe_exception(problem, origin=future_pb2.ERROR_ORIGIN_CALL, skip=1)) from None
            raise
        value: bytes = to_value(returned).SerializeToString()
        return value

    def _initialize(self, initializer: _pickles.Initializer) -> None:
        if initializer.key not in self._initialized:
            self._initialized[initializer.key] = _run_initializer(initializer)
        error = self._initialized[initializer.key]
        if error is not None:
            raise _Failed(error)

    def _unknown(self, name: str) -> future_pb2.Error:
        message = f'executor "{self._executor}" has no function "{name}"'
        if name == _pickles.FUNCTION:
            message = f'executor "{self._executor}" takes no pickled calls: its worker lacks --accept-pickle'
        return failure(future_pb2.ERROR_ORIGIN_CALL, "futured.UnknownFunction", message)

    def _too_large(self, size: int) -> future_pb2.Error:
        message = f"the value has {size} bytes, the limit is {self._max_value_size}"
        return failure(future_pb2.ERROR_ORIGIN_LIMIT, "futured.ValueTooLarge", message)


def _run_initializer(initializer: _pickles.Initializer) -> Optional[future_pb2.Error]:
    try:
        initializer.run()
        return None
    except BaseException as exception:
        logging.getLogger("concurrent.futures").critical("Exception in initializer:", exc_info=True)
        error = failure(
            future_pb2.ERROR_ORIGIN_EXECUTOR, "futured.InitializerFailed", f"the initializer failed: {exception!r}"
        )
        error.cause.CopyFrom(describe_exception(exception, skip=_OWN_FRAMES))
        error.traceback = error.cause.traceback
        return error


def _not_unpicklable(problem: NotUnpicklable) -> future_pb2.Error:
    error = failure(future_pb2.ERROR_ORIGIN_CALL, problem.type, problem.message)
    if problem.__cause__ is not None:
        error.cause.CopyFrom(describe_exception(problem.__cause__, skip=1))
        error.traceback = error.cause.traceback
    return error


def _is_cancellation(exception: BaseException) -> bool:
    if isinstance(exception, concurrent.futures.CancelledError):
        return True
    # Loaded only if the function uses it.
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and isinstance(exception, asyncio.CancelledError)
