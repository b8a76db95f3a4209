"""What happens to calls that the daemon refuses for the time being, and that are cancelled meanwhile. Numbers are those of
docs/semantics.md.
"""

from __future__ import annotations

import threading
import unittest
from typing import Any, Iterator, List

from support import PATIENCE

import futured
from futured._generated import future_pb2
from guarded_daemon import outcomes, welcome
from scripted_daemon import Conversation, Script, ScriptedDaemon, cancel_answered, refused

NOT_FOUND = future_pb2.CANCEL_EFFECT_NOT_FOUND
CANCELLED = future_pb2.CANCEL_EFFECT_CANCELLED
IDS = ("00000000-0000-8000-8000-000000000001", "00000000-0000-8000-8000-000000000002")


class CancelOfRefusedCalls(unittest.TestCase):
    """The daemon refused them before it read that they were to be cancelled, and so did not know them."""

    def setUp(self) -> None:
        self.sent = threading.Event()
        self.repeated: List[int] = []

    def refuse(self, talk: Conversation, count: int) -> Iterator[Any]:
        """Calls 1 to `count`, once they are to be cancelled; then it says that it knows none of them."""
        yield welcome()
        talk.read_submits(count)
        self.sent.set()
        cancel = talk.read_cancel()
        yield refused(1, count, 0.02)
        yield cancel_answered(cancel, *[NOT_FOUND] * len(cancel.counters))
        self.repeated += talk.read_submits(1)

    def submit(self, script: Script, count: int) -> List[futured.Future[Any]]:
        """That many calls, which the daemon has read and not answered."""
        daemon = ScriptedDaemon(script)
        # What a failed test leaves unfinished is given up soon after the daemon has gone.
        self.executor = futured.Executor(daemon.address, reconnect_timeout=1)
        self.addCleanup(self.executor.shutdown)
        self.addCleanup(daemon.__exit__)
        futures = [self.executor.submit("any") for _ in range(count)]
        self.assertTrue(self.sent.wait(PATIENCE))
        return futures

    def repeats_the_first(self, talk: Conversation) -> Iterator[Any]:
        yield from self.refuse(talk, 2)
        yield outcomes(1, self.repeated)
        talk.read_to_end()

    def test_one_cancel_is_enough(self) -> None:  # 17, 104
        first, second = self.submit(self.repeats_the_first, 2)
        self.assertTrue(second.cancel())
        self.assertTrue(second.cancelled())
        self.assertEqual(first.result(PATIENCE), 1)
        self.assertEqual(self.repeated, [1])

    def test_of_the_call_that_the_daemon_waits_for_it_is_asked_again(self) -> None:  # 17, 104
        asked: List[List[int]] = []

        def script(talk: Conversation) -> Iterator[Any]:
            yield from self.refuse(talk, 1)
            cancel = talk.read_cancel()
            asked.append(list(cancel.counters))
            yield cancel_answered(cancel, CANCELLED)
            talk.read_to_end()

        (future,) = self.submit(script, 1)
        self.assertTrue(future.cancel())
        self.assertTrue(future.cancelled())
        self.assertEqual((self.repeated, asked), ([1], [[1]]))

    def test_a_shutdown_that_cancels_is_not_held_up(self) -> None:  # 17, 51
        def script(talk: Conversation) -> Iterator[Any]:
            yield from self.refuse(talk, 3)
            yield outcomes(1, self.repeated)
            yield cancel_answered(talk.read_cancel())
            talk.read_to_end()

        first, *rest = self.submit(script, 3)
        self.executor.shutdown(wait=False, cancel_futures=True)
        self.assertEqual(first.result(PATIENCE), 1)
        self.assertTrue(all(future.cancelled() for future in rest))
        self.assertEqual(self.repeated, [1])


class RefusedAttaches(unittest.TestCase):
    def test_its_future_fails_alone(self) -> None:  # 17, 164
        def script(talk: Conversation) -> Iterator[Any]:
            yield welcome()
            yield refused(talk.read_attach().counter, 1, None)
            yield outcomes(1, [talk.read_attach().counter])
            talk.read_to_end()

        with ScriptedDaemon(script) as daemon:
            first, second = (futured.attach(future, daemon.address) for future in IDS)
            with self.assertRaisesRegex(futured.Refused, "full"):
                first.result(PATIENCE)
            self.assertEqual(second.result(PATIENCE), 2)


if __name__ == "__main__":
    unittest.main()
