"""Executor.map."""

from __future__ import annotations

import itertools
import time
from collections import deque
from typing import Any, Callable, Deque, Iterable, Iterator, List, Optional, Sequence, Tuple

from futured._future import Future


# The arguments of some calls, by position: numbers in a row are pickled in a fifth of the time that it takes for as many
# tuples of one.
Chunk = Tuple[Sequence[Any], ...]


def run_chunk(function: Callable[..., Any], chunk: Chunk) -> List[Any]:
    """In the worker: some calls as one task."""
    # Not map(): a StopIteration of the function would end it.
    return [function(*arguments) for arguments in zip(*chunk)]


def check(chunksize: int, buffersize: Optional[int]) -> None:
    """Raises for what `map` does not take, as Python's own does."""
    if chunksize < 1:
        raise ValueError("chunksize must be >= 1.")
    if buffersize is None:
        return
    if not isinstance(buffersize, int):
        raise TypeError("buffersize must be an integer or None")
    if buffersize < 1:
        raise ValueError("buffersize must be None or > 0")


def chunks_of(iterables: Tuple[Iterable[Any], ...], size: int) -> Iterator[Chunk]:
    """What is there when one of them raises comes before the exception."""
    single = len(iterables) == 1
    calls: Iterator[Any] = iter(iterables[0]) if single else zip(*iterables)
    while True:
        chunk: List[Any] = []
        try:
            chunk.extend(itertools.islice(calls, size))
        except BaseException:
            if chunk:
                yield (chunk,) if single else tuple(zip(*chunk))
            raise
        if not chunk:
            return
        yield (chunk,) if single else tuple(zip(*chunk))


def flattened(chunks: Iterator[List[Any]]) -> Iterator[Any]:
    """The items, none of which is kept."""
    for chunk in chunks:
        chunk.reverse()
        while chunk:
            yield chunk.pop()


def start(
    submit: Callable[[Any], Future[Any]],
    inputs: Iterable[Any],
    timeout: Optional[float],
    buffersize: Optional[int],
) -> Iterator[Any]:
    """Submits all inputs, or `buffersize` of them, and gives the results in their order.

    `submit` lives as long as more may be submitted, and its executor with it.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    submitted = _submitted(submit, inputs)
    futures = deque(itertools.islice(submitted, buffersize))
    return _results(futures, deadline, submitted)


# A generator lets go of `submit` with the last input; a `map` would hold it until its results are dropped.
def _submitted(submit: Callable[[Any], Future[Any]], inputs: Iterable[Any]) -> Iterator[Future[Any]]:
    for item in inputs:
        yield submit(item)


def _results(futures: Deque[Future[Any]], deadline: Optional[float], more: Iterator[Future[Any]]) -> Iterator[Any]:
    try:
        while futures:
            futures.extend(itertools.islice(more, 1))
            yield _take(futures, deadline)
    except GeneratorExit:
        _cancel(futures, wait=False)
        raise
    finally:
        _cancel(futures, wait=True)


def _take(futures: Deque[Future[Any]], deadline: Optional[float]) -> Any:
    """The result of the oldest, which nobody refers to any more then. It stays when the time is up."""
    future = futures[0]
    try:
        future._make_ready(None if deadline is None else deadline - time.monotonic())
        futures.popleft()
        return future.result(0)
    finally:
        del future


def _cancel(futures: Deque[Future[Any]], wait: bool) -> None:
    """Those that no worker has begun. A finalizer must not wait."""
    if not futures:
        return
    session = futures[0]._session
    if wait:
        session.cancel_pending(list(futures))
    else:
        session.cancel_pending_soon(list(futures))
    futures.clear()
