"""Executor: a pool of workers in the daemon."""

from __future__ import annotations

import concurrent.futures
import weakref
from typing import Any, Callable, Dict, Iterable, Iterator, NamedTuple, Optional, Sequence, Tuple, TypeVar, Union

from futured import _administration, _exit, _map, _options
from futured._connector import Connector
from futured._credentials import Credentials
from futured._future import Future
from futured._generated import future_pb2
from futured._pickles import FUNCTION, Initializer, encode_call, encode_named
from futured._session import Session
from futured._session_state import Limits
from futured._trace import traced
from futured._values import check_text

# As many as the protocol can say.
_MOST_WORKERS = (1 << 32) - 1

T = TypeVar("T")
Function = Union[str, Callable[..., T]]


class EncodedCall(NamedTuple):
    """As it goes to the daemon."""

    function: str
    arguments: bytes
    options: Optional[future_pb2.TaskOptions]
    pickled: bool
    error: Optional[BaseException] = None  # Why it cannot go there.


class _Submitter(concurrent.futures.Executor):
    """What an Executor and its views have in common."""

    _root: Executor
    _call_options: Optional[future_pb2.TaskOptions] = None

    def submit(self, fn: Function[T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Has `fn(*args, **kwargs)` run by a worker, and gives its future at once.

        A callable is pickled here and now, and runs in a Python worker: later changes of its arguments don't matter, and
        what can't be pickled fails the future. A string names a function of the daemon, in whatever language: its
        arguments are None, bool, int, float, str, bytes, lists, tuples, and dicts with str keys.

        Blocks only while the daemon does not accept calls (see `max_unaccepted`). Raises TypeError when `fn` is neither
        callable nor a string, RuntimeError after `shutdown`, BrokenProcessPool or PermissionDenied when the executor
        is broken.

        Example:
            >>> executor.submit(pow, 2, 10).result()
            1024
            >>> executor.submit("math.is_prime", 97).result()
            True
        """
        return self._root._submit(self._encode(fn, args, kwargs))

    def _encode(self, fn: Any, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> EncodedCall:
        return self._root._encoded(fn, args, kwargs, self._call_options)

    def map(
        self,
        fn: Function[T],
        *iterables: Iterable[Any],
        timeout: Optional[float] = None,
        chunksize: int = 1,
        buffersize: Optional[int] = None,
    ) -> Iterator[T]:
        """Calls `fn` with the items of the iterables, side by side until the shortest ends; the results in their order.

        All calls are submitted at once, or `buffersize` of them with more to follow as results are taken. Each is a
        task of its own; with `chunksize` that many of a callable are one, which saves time when they are short. Calls
        travel together in any case. `timeout` is for the whole iteration, in seconds from this call on.

        What a call raises is raised when its turn comes; then, and when the iterator is dropped, calls that no worker
        has begun are cancelled. Raises as `submit`, ValueError and TypeError for the other arguments.

        Example:
            >>> list(executor.map(pow, [1, 2, 3], [2, 2, 2], timeout=60))
            [1, 4, 9]
        """
        _map.check(chunksize, buffersize)
        if chunksize == 1 or isinstance(fn, str):
            return _map.start(lambda call: self.submit(fn, *call), zip(*iterables), timeout, buffersize)
        run: Callable[[Any], Future[Any]] = lambda chunk: self.submit(_map.run_chunk, fn, chunk)
        chunks = _map.start(run, _map.chunks_of(iterables, chunksize), timeout, buffersize)
        return _map.flattened(chunks)


class Executor(_Submitter):
    """A pool of workers in the daemon at `address`: a `concurrent.futures.Executor` that runs elsewhere.

    Its futures are `concurrent.futures.Future`s, so `wait`, `as_completed`, `asyncio.wrap_future` and
    `loop.run_in_executor` work as with any other. The connection is made by the first call, and again whenever it
    breaks: no future is lost by that, and no task runs twice. Pickling an Executor keeps its address and options, but
    for a token.

    Args:
        address: host:port of the daemon, "tls://host:port", or any gRPC target such as "unix:/run/futured.sock". A host
            alone has port 7070.
        executor: name of the daemon's executor. Callables need one whose workers are `python3 -m futured.worker
            --accept-pickle`; functions by name run on any. Empty: the daemon's first.
        max_workers: how many tasks of this object may run at once. None: as many as the daemon's executor runs.
        initializer: a callable that each worker runs, with `initargs`, before its first task of this object. When it
            raises, the executor is broken.
        detach: at the end of the program, leave what is unfinished to the daemon, instead of waiting for it.
        reconnect_timeout: seconds for which the daemon may be out of reach, before unfinished futures fail with
            ConnectionLost.
        cancel_timeout: seconds that `Future.cancel` and the like wait for an answer.
        max_unaccepted, max_unaccepted_bytes: calls, and bytes of their arguments, that the daemon has not accepted yet;
            `submit` blocks while one is exceeded. Accepted calls don't count, however many are waiting.
        credentials: how the daemon knows who is calling, and is known itself. None: from the environment, see
            `Credentials`.

    Thread-safe. Raises ValueError and TypeError for wrong arguments, unusable credentials among them; it does not
    connect.

    Example:
        >>> with futured.Executor("localhost:7070") as executor:
        ...     futures = {executor.submit(fetch, url): url for url in urls}
        ...     for future in concurrent.futures.as_completed(futures):
        ...         print(futures[future], len(future.result()))
    """

    def __init__(
        self,
        address: str = "localhost:7070",
        executor: str = "python",
        max_workers: Optional[int] = None,
        initializer: Optional[Callable[..., object]] = None,
        initargs: Sequence[Any] = (),
        *,
        detach: bool = False,
        reconnect_timeout: float = 60.0,
        cancel_timeout: float = 5.0,
        max_unaccepted: int = 100_000,
        max_unaccepted_bytes: int = 64 << 20,
        credentials: Optional[Credentials] = None,
    ) -> None:
        if not isinstance(address, str):
            raise TypeError(f"address must be a string such as 'localhost:7070', not {address!r}")
        if max_workers is not None and not isinstance(max_workers, int):
            raise TypeError("max_workers must be an integer or None")
        if max_workers is not None and max_workers <= 0:
            raise ValueError("max_workers must be greater than 0")
        if max_workers is not None and max_workers > _MOST_WORKERS:
            raise ValueError(f"max_workers must be at most {_MOST_WORKERS}")
        if not isinstance(executor, str):
            raise TypeError(f"executor must be the name of an executor of the daemon, not {executor!r}")
        check_text("executor", executor)
        if credentials is not None and not isinstance(credentials, Credentials):
            raise TypeError("credentials must be futured.Credentials or None")
        if initializer is not None and not callable(initializer):
            raise TypeError("initializer must be a callable")
        self._initializer = None if initializer is None else Initializer.of(initializer, initargs)
        self._detach = detach
        self._limits = Limits(reconnect_timeout, cancel_timeout, max_unaccepted, max_unaccepted_bytes)
        self._connector = Connector(address, credentials)
        self._pool = (executor, max_workers or 0)
        self._open()

    def _open(self) -> None:
        self._root = self
        has_initializer = self._initializer is not None
        self._session = Session(
            self._connector, *self._pool, self._limits, has_initializer=has_initializer, detach=self._detach
        )
        # Dropping it lets what was submitted finish, and then ends the session.
        self._finalizer = weakref.finalize(self, self._session.abandon)
        self._finalizer.atexit = False
        # The session itself, which outlives an executor that is dropped while something is unfinished.
        _exit.at_exit(self._session)
        _exit.after_fork(self._session)
        _exit.after_fork(self)

    @property
    def address(self) -> str:
        """Of the daemon."""
        return self._session.address

    @property
    def session_id(self) -> str:
        """The ID of its session: those of its futures are this one with the last group counted up."""
        return self._session.id_of(0)

    @property
    def _broken(self) -> bool:
        return self._session.broken

    def options(self, **options: Any) -> Options:
        """This executor, with options for each call. Keywords of the callable are never taken for options.

        Args:
            priority: the higher begins first; -100 to 100.
            timeout: seconds that an attempt may run; then it fails with TaskTimeout.
            retries: how many attempts follow a failed one, or a `Retry`.
            labels: for people, and to list by: a dict of strings.
            delay: seconds after the submission before which it is not begun.
            not_before: a datetime before which it is not begun.
            expires: seconds after the submission in which it must have ended, or it fails with TaskTimeout.
            retention: seconds that the daemon keeps the outcome after it was delivered, for those who attach by ID.
            executor: name of the daemon's executor, instead of that of this object.
            at_most_once: it begins only once that is recorded, so that it cannot run twice, whatever happens.
            ephemeral: the daemon does not store it; it is gone when the daemon ends.
            traceparent, tracestate: the trace that the call is part of, as W3C Trace Context has it; the function finds
                it in `futured.current()`. By default that of OpenTelemetry's current span, in a program that has imported
                OpenTelemetry. What is malformed is ignored.

        Times may be timedeltas. What the daemon does not take fails the futures with Refused. Raises TypeError and
        ValueError for what no daemon would take.

        Example:
            >>> urgent = executor.options(priority=10, timeout=30, retries=3, labels={"job": "report"})
            >>> urgent.submit(render, page).result()
        """
        return Options(self, _options.encode(**options))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Takes no more calls. What was submitted still runs; the daemon's executor, which others may use, goes on.

        With `wait`, blocks until every future is done and its callbacks have run, then closes the connection (called from
        a callback: but for callbacks). With `cancel_futures`, cancels what no worker has begun. May be called again, with
        other arguments. Takes at most `reconnect_timeout` when the daemon is out of reach.
        """
        self._session.shutdown(wait, cancel_futures)

    def terminate_workers(self) -> None:
        """For administrators: `shutdown(wait=False, cancel_futures=True)`, then SIGTERM to the executor's workers.

        SIGKILL follows after the executor's `kill_grace`. What they had begun, for other clients too, fails with
        WorkerLost; new workers take their place. A single task is ended by its `Future.kill`.
        """
        _administration.end_workers(self._session, kill=False)

    def kill_workers(self) -> None:
        """As `terminate_workers`, but SIGKILL at once."""
        _administration.end_workers(self._session, kill=True)

    def __reduce__(self) -> Tuple[Callable[..., Any], Tuple[Any, ...]]:
        daemon = (self.address, self._connector.given)
        return _restored, (daemon, self._pool, self._initializer, self._detach, tuple(self._limits))

    def _encoded(
        self, fn: Any, args: Tuple[Any, ...], kwargs: Dict[str, Any], options: Optional[future_pb2.TaskOptions]
    ) -> EncodedCall:
        """Raises what `submit` raises, but for what has to do with the arguments."""
        pickled = not isinstance(fn, str)
        if pickled and not callable(fn):
            raise TypeError(f"a callable, or the name of a function, is needed, not {fn!r}")
        if _exit.exiting:
            raise RuntimeError("cannot schedule new futures after interpreter shutdown")
        self._session.check()
        try:
            if pickled:
                arguments = encode_call(fn, args, kwargs, self._initializer)
            else:
                check_text("the name of the function", fn)
                arguments = encode_named(args, kwargs)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            return EncodedCall("", b"", None, pickled, error)
        return EncodedCall(FUNCTION if pickled else fn, arguments, traced(options), pickled)

    def _submit(self, call: EncodedCall) -> Future[Any]:
        """Blocks as `submit` does."""
        if call.error is not None:
            return self._session.failed(call.error, call.pickled)
        return self._session.submit(call.function, call.arguments, call.options, call.pickled)

    def _after_fork(self) -> None:
        shut_down = self._session.shut_down
        self._finalizer.detach()
        self._open()
        if shut_down:
            self._session.shutdown(False, False)


class Options(_Submitter):
    """An Executor with options for each call: what `Executor.options` returns.

    It is an executor itself, for `loop.run_in_executor` for example. Shutting it down does nothing: the Executor that it
    came from has an owner.
    """

    _call_options: future_pb2.TaskOptions

    def __init__(self, root: Executor, options: future_pb2.TaskOptions) -> None:
        self._root = root
        self._call_options = options

    def options(self, **options: Any) -> Options:
        """These options and others; one that is given again takes the place of the first. See `Executor.options`."""
        return Options(self._root, _options.replaced(self._call_options, **options))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Does nothing."""


def _restored(
    daemon: Tuple[str, Optional[Credentials]],
    pool: Tuple[str, int],
    initializer: Optional[Initializer],
    detach: bool,
    limits: Any,
) -> Executor:
    executor = Executor.__new__(Executor)
    executor._connector = Connector(*daemon)
    executor._pool = pool
    executor._initializer = initializer
    executor._detach = detach
    executor._limits = Limits(*limits)
    executor._open()
    return executor
