"""How calls are put together to messages."""

from __future__ import annotations

import unittest
from typing import List

from support import SOURCES  # noqa: F401  (finds the package)

from futured import _options
from futured._generated import session_pb2
from futured._outbox import MAX_BYTES, MAX_TASKS, Call, Outbox, add_calls

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


if __name__ == "__main__":
    unittest.main()
