"""futured for asyncio.

    async with futured.aio.Executor("localhost:7070") as executor:
        print(await executor.submit(pow, 2, 10))
        calls = [executor.submit(fetch, url) for url in urls]
        async for call in futured.aio.as_completed(calls):
            print(len(await call))

What `submit` returns is an `asyncio.Future`: `asyncio.gather`, `wait`, `wait_for` and `timeout` take it. Cancelling it
cancels the task if no worker has begun it: the daemon is told, and nobody waits for its answer. Whoever awaits it gets
CancelledError at once in any case; a task that runs by then goes on, and its outcome is dropped. Nothing here blocks
the event loop, but for the pickling of arguments.
"""

from __future__ import annotations

import asyncio
import collections
import concurrent.futures
import functools
from typing import Any, AsyncIterator, Callable, Deque, Iterable, Optional, Set, Type, TypeVar, Union

from futured import _executor
from futured._executor import EncodedCall, Function
from futured._future import Future
from futured._news import LogLine, Progress

T = TypeVar("T")


class _Behind:
    """The futures that calls stand for, or those that will tell them: attributes of the calls.

    A dictionary with weak keys would keep for ever what failed: an exception holds the frames that awaited the call.
    """

    def __getitem__(self, call: asyncio.Future[Any]) -> Union[Future[Any], asyncio.Future[Future[Any]]]:
        try:
            return call._futured_behind  # type: ignore[attr-defined,no-any-return]
        except AttributeError:
            raise KeyError(call) from None

    def __setitem__(self, call: asyncio.Future[Any], future: Union[Future[Any], asyncio.Future[Future[Any]]]) -> None:
        call._futured_behind = future  # type: ignore[attr-defined]


_behind = _Behind()


class _Source(concurrent.futures.Future[T]):
    """What `asyncio.wrap_future` needs of a future, which it cancels when its own is cancelled: that must not wait."""

    def __init__(self, future: Future[T]) -> None:
        super().__init__()
        self._future = future

    def add_done_callback(self, fn: Callable[[Any], object]) -> None:
        self._future.add_done_callback(fn)

    def cancel(self) -> bool:
        _cancel_soon(self._future)
        return self._future.cancelled()


def _cancel_soon(future: Future[Any]) -> None:
    future._session.cancel_pending([future], wait=False)


class Executor:
    """A `futured.Executor` for coroutines. Takes its arguments. Not thread-safe: for one event loop.

    Example:
        >>> async with futured.aio.Executor("localhost:7070", max_workers=4) as executor:
        ...     print(await executor.submit("math.is_prime", 97))
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._executor: _executor.Executor = _executor.Executor(*args, **kwargs)
        self._submitter: Any = self._executor

    @classmethod
    def of(cls, executor: _executor.Executor) -> Executor:
        """One that shares `executor`, whoever made it: that of `futured.local()`, for example."""
        made = cls.__new__(cls)
        made._executor = made._submitter = executor
        return made

    def options(self, **options: Any) -> Executor:
        """This executor, with options for each call. See `futured.Executor.options`."""
        made = type(self).of(self._executor)
        made._submitter = self._submitter.options(**options)
        return made

    def submit(self, fn: Function[T], /, *args: Any, **kwargs: Any) -> asyncio.Future[T]:
        """Has `fn(*args, **kwargs)` run by a worker. Await what it returns for the result.

        While the daemon does not accept calls (see `max_unaccepted`), the call waits on a thread. Raises as
        `futured.Executor.submit`.
        """
        loop = asyncio.get_running_loop()
        encoded = self._submitter._encode(fn, args, kwargs)
        if self._executor._session.has_room(len(encoded.arguments)):
            future = self._executor._submit(encoded)
            call: asyncio.Future[T] = asyncio.wrap_future(_Source(future), loop=loop)
            _behind[call] = future
            return call
        submitted: asyncio.Future[Future[Any]] = loop.create_future()
        task = asyncio.ensure_future(self._submit_on_thread(encoded, submitted))
        task.add_done_callback(lambda _: submitted.cancel())  # Where it has not come to that.
        _behind[task] = submitted
        return task

    async def _submit_on_thread(self, call: EncodedCall, submitted: asyncio.Future[Future[Any]]) -> Any:
        handed: concurrent.futures.Future[Future[Any]] = concurrent.futures.Future()
        submit: Callable[[], None] = lambda: handed.set_result(self._executor._submit(call))
        try:
            await asyncio.get_running_loop().run_in_executor(None, submit)
        except asyncio.CancelledError:
            # The thread, if it has begun, goes on, and submits it when there is room.
            handed.add_done_callback(lambda handed: _cancel_soon(handed.result()))
            raise
        submitted.set_result(handed.result())
        return await asyncio.wrap_future(_Source(handed.result()))

    async def map(
        self, fn: Function[T], *iterables: Iterable[Any], buffersize: Optional[int] = None
    ) -> AsyncIterator[T]:
        """The results of `fn` for the items of the iterables, in their order; at most `buffersize` ahead of the reader.

        Leaving the loop cancels what no worker has begun.

        Example:
            >>> async for square in executor.map(pow, range(100), itertools.repeat(2), buffersize=10):
            ...     print(square)
        """
        inputs = zip(*iterables)
        calls = [self.submit(fn, *call) for call in _some(inputs, buffersize)]
        calls.reverse()
        try:
            while calls:
                if buffersize is not None:
                    calls[:0] = [self.submit(fn, *call) for call in _some(inputs, 1)]
                yield await calls.pop()
        finally:
            for call in calls:
                call.cancel()

    async def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As `futured.Executor.shutdown`, without blocking the event loop."""
        end = functools.partial(self._executor.shutdown, wait, cancel_futures=cancel_futures)
        await asyncio.get_running_loop().run_in_executor(None, end)

    async def __aenter__(self) -> Executor:
        return self

    async def __aexit__(self, kind: Optional[Type[BaseException]], error: Any, traceback: Any) -> None:
        await self.shutdown()


async def progress(call: asyncio.Future[Any]) -> AsyncIterator[Progress]:
    """What the function of a call of this module tells of its progress, until it is done.

    What was told while the loop's body ran is told once, by its last.

    Example:
        >>> async for progress in futured.aio.progress(call):
        ...     print(f"{progress.fraction:.0%} {progress.message}")
    """
    loop = asyncio.get_running_loop()
    reports: Deque[Progress] = collections.deque(maxlen=1)
    news = asyncio.Event()

    def tell(report: Progress) -> None:
        reports.append(report)
        loop.call_soon_threadsafe(news.set)

    done: Callable[[Any], None] = lambda _: news.set()
    call.add_done_callback(done)
    try:
        future = await _future_behind(call)
        if future is not None:
            future.add_progress_callback(tell)
        while True:
            await news.wait()
            news.clear()
            if reports:
                yield reports.popleft()
            elif call.done():
                return
    finally:
        call.remove_done_callback(done)


async def logs(call: asyncio.Future[Any], follow: bool = False) -> AsyncIterator[LogLine]:
    """The lines that a call of this module has logged: see `futured.Future.logs`."""
    future = await _future_behind(call)
    if future is None:
        return
    loop = asyncio.get_running_loop()
    lines = await loop.run_in_executor(None, future.logs, follow)
    try:
        while True:
            line = await loop.run_in_executor(None, next, lines, None)
            if line is None:
                return
            yield line
    finally:
        # Its thread may be waiting.
        lines.close()


async def _future_behind(call: asyncio.Future[Any]) -> Optional[Future[Any]]:
    """None: the call ended before it was submitted."""
    behind = _behind[call]
    if not isinstance(behind, asyncio.Future):
        return behind
    await asyncio.wait([behind])
    return None if behind.cancelled() else behind.result()


async def as_completed(
    futures: Iterable[asyncio.Future[T]], *, timeout: Optional[float] = None
) -> AsyncIterator[asyncio.Future[T]]:
    """The futures in the order in which they end, each once; await it for its result.

    Raises TimeoutError when they have not all ended within `timeout` seconds of the first iteration, after those that
    have. Leaving the loop cancels nothing.
    """
    loop = asyncio.get_running_loop()
    deadline = None if timeout is None else loop.time() + timeout
    ended: asyncio.Queue[asyncio.Future[T]] = asyncio.Queue()
    pending: Set[asyncio.Future[T]] = set(futures)
    put: Callable[[asyncio.Future[T]], None] = ended.put_nowait
    for future in pending:
        future.add_done_callback(put)
    total = len(pending)
    try:
        while pending:
            if ended.empty():
                await asyncio.sleep(0)  # In its next turn the loop tells of what is done, however late it is.
            try:
                left = None if deadline is None or not ended.empty() else deadline - loop.time()
                future = await asyncio.wait_for(ended.get(), left)
            except asyncio.TimeoutError:
                raise TimeoutError(f"{len(pending)} (of {total}) futures unfinished") from None
            pending.discard(future)
            yield future
            del future
    finally:
        for future in pending:
            future.remove_done_callback(put)


def _some(inputs: Any, count: Optional[int]) -> Iterable[Any]:
    if count is None:
        yield from inputs
        return
    for _ in range(count):
        for call in inputs:
            yield call
            break
