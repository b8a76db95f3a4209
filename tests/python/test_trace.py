"""The trace that a call is part of: to functions of Python workers, and from OpenTelemetry."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import sys
import types
import unittest
from typing import Iterator, Optional, Tuple

from support import PATIENCE, DaemonTest

import futured
import futured.aio
from futured import worker

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-00"
OTHER = f"00-{TRACE}-00f067aa0ba902b7-00"

_span: contextvars.ContextVar[Optional[int]] = contextvars.ContextVar("span", default=None)


class _State:
    def to_header(self) -> str:
        return "vendor=1"


class _Span:
    """As much of OpenTelemetry's as is asked for."""

    def __init__(self, number: Optional[int]) -> None:
        self.is_valid = number is not None
        self.trace_id = int(TRACE, 16)
        self.span_id = number or 0
        self.trace_flags = 0
        self.trace_state = _State()

    def get_span_context(self) -> _Span:
        return self


@contextlib.contextmanager
def opentelemetry() -> Iterator[None]:
    """A program that has imported it."""
    module = types.ModuleType("opentelemetry.trace")
    module.get_current_span = lambda: _Span(_span.get())  # type: ignore[attr-defined]
    sys.modules["opentelemetry.trace"] = module
    try:
        yield
    finally:
        del sys.modules["opentelemetry.trace"]


@contextlib.contextmanager
def span(number: int) -> Iterator[None]:
    token = _span.set(number)
    try:
        yield
    finally:
        _span.reset(token)


def told() -> Tuple[str, str]:
    context = worker.current()
    return context.traceparent, context.tracestate


class TraceTest(DaemonTest):
    def test_function_is_told_what_the_options_say(self) -> None:
        executor = self.executor()
        traced = executor.options(traceparent=PARENT, tracestate="a=1")
        self.assertEqual(traced.submit(told).result(PATIENCE), (PARENT, "a=1"))
        self.assertEqual(traced.options(priority=1).submit(told).result(PATIENCE), (PARENT, "a=1"))
        self.assertEqual(executor.submit(told).result(PATIENCE), ("", ""))

    def test_what_is_malformed_is_ignored(self) -> None:
        executor = self.executor()
        for bad in ("nonsense", "\n", "\udc80", PARENT.upper()):
            with self.subTest(bad=bad):
                self.assertEqual(executor.options(traceparent=bad).submit(told).result(PATIENCE), ("", ""))

    def test_call_is_part_of_the_current_span(self) -> None:
        executor = self.executor()
        with opentelemetry():
            with span(0xB7AD6B7169203331):
                first = [executor.submit(told) for _ in range(10)]
                with span(0x00F067AA0BA902B7):
                    second = executor.submit(told)
                named = executor.options(traceparent=OTHER).submit(told)
            outside = executor.submit(told)
        self.assertEqual({future.result(PATIENCE) for future in first}, {(PARENT, "vendor=1")})
        self.assertEqual(second.result(PATIENCE), (OTHER, "vendor=1"))
        self.assertEqual(named.result(PATIENCE), (OTHER, ""))
        self.assertEqual(outside.result(PATIENCE), ("", ""))

    def test_map_is_part_of_the_current_span(self) -> None:
        with opentelemetry(), span(0xB7AD6B7169203331):
            results = self.executor().map(lambda _: told(), range(5), timeout=PATIENCE)
        self.assertEqual(set(results), {(PARENT, "vendor=1")})

    def test_asyncio_is_part_of_the_current_span(self) -> None:
        async def call() -> Tuple[str, str]:
            async with futured.aio.Executor(self.daemon.address, max_unaccepted=1) as executor:
                with span(0xB7AD6B7169203331):
                    calls = [executor.submit(told) for _ in range(20)]
                results = set(await asyncio.gather(*calls))
                self.assertEqual(len(results), 1)
                return results.pop()

        with opentelemetry():
            self.assertEqual(asyncio.run(asyncio.wait_for(call(), PATIENCE)), (PARENT, "vendor=1"))


if __name__ == "__main__":
    unittest.main()
