"""How calls, and what else a session says, are put together to messages."""

from __future__ import annotations

import unittest
from typing import Any, List
from unittest import mock

from support import SOURCES  # noqa: F401  (finds the package)

from futured import _options
from futured._connector import Connector
from futured._generated import session_pb2
from futured._outbox import MAX_BYTES, MAX_TASKS, Call, Outbox, add_calls
from futured._session import Session
from futured._stream import Stream

# Tags and lengths come on top of what is counted.
FRAMES = 256 << 10


def messages(calls: List[Call]) -> List[session_pb2.SessionRequest]:
    """Those that take the calls to the daemon."""
    outbox = Outbox()
    for call in calls:
        outbox.append(call)
    made = []
    while len(outbox):
        request = session_pb2.SessionRequest()
        taken = outbox.take(lambda counter: True)
        add_calls(request, taken)
        outbox.settle_through(taken[-1][0])
        made.append(request)
    return made


class Sizes(unittest.TestCase):
    def assert_small(self, made: List[session_pb2.SessionRequest], calls: int) -> None:
        self.assertEqual(sum(len(run.arguments) for request in made for run in request.submits), calls)
        self.assertLessEqual(max(request.ByteSize() for request in made), MAX_BYTES + FRAMES)

    def test_options_of_each_call_count(self) -> None:
        calls: List[Call] = []
        for counter in range(1, 1001):
            options = _options.encode(labels={"batch": str(counter).ljust(8000, "x")})
            calls.append((counter, "any", options, b""))
        self.assert_small(messages(calls), 1000)

    def test_names_of_functions_count(self) -> None:
        calls: List[Call] = [(counter, f"{counter}".ljust(8000, "é"), None, b"") for counter in range(1, 1001)]
        self.assert_small(messages(calls), 1000)

    def test_options_that_calls_in_a_row_share_count_once(self) -> None:
        options = _options.encode(labels={"batch": "x" * 8000})
        made = messages([(counter, "any", options, b"12345678") for counter in range(1, MAX_TASKS + 1)])
        self.assertEqual([len(request.submits) for request in made], [1])


class Messages(unittest.TestCase):
    """What a session says to a daemon that has not answered."""

    def setUp(self) -> None:
        self.session: Any = Session(Connector("127.0.0.1:1"))
        self.session._start = lambda: None
        self.session._stream = Stream(self.session.connector)
        waits = mock.patch("futured._session_write._wait", side_effect=AssertionError("there is nothing left to say"))
        waits.start()
        self.addCleanup(waits.stop)
        self.requests = self.session._requests(self.session._stream)

    def test_attached_futures_are_spread_over_messages(self) -> None:
        for counter in range(1, 21_001):
            self.session.attach(f"0b5f9a3e-71c2-8d40-9e5a-{counter:012x}", False)
        said = [[attach.counter for attach in next(self.requests).attaches] for _ in range(3)]
        self.assertEqual([len(counters) for counters in said], [10_000, 10_000, 1000])
        self.assertEqual(sum(said, []), list(range(1, 21_001)))

    def test_cancels_are_spread_over_messages(self) -> None:
        count = 45_000
        futures = [self.session.submit("any", b"", None, False) for _ in range(count)]
        submitted = 0
        while submitted < count:
            submitted = self.submits(next(self.requests), submitted)
        self.session.cancel_pending(futures[:1], wait=False)
        self.session.cancel_pending(futures[1:], wait=False)
        said = []
        while sum(map(len, said)) < count:
            said.append([counter for cancel in next(self.requests).cancels for counter in cancel.counters])
        self.assertEqual(sum(said, []), list(range(1, count + 1)))
        self.assertLessEqual(max(map(len, said)), 20_000)

    def submits(self, request: Any, through: int) -> int:
        """The last counter, after the daemon has accepted all."""
        for run in request.submits:
            through = run.first + len(run.arguments) - 1
        self.session._hear(self.session._stream, session_pb2.SessionResponse(accepted=through + 1))
        return through


if __name__ == "__main__":
    unittest.main()
