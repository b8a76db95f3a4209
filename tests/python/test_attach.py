"""Executors and futures in other processes. Numbers are those of docs/semantics.md."""

import asyncio
import concurrent.futures
import pickle
import threading
import unittest

from support import PATIENCE, DaemonTest, futured_threads, gate, open_gate, wait_until

import functions_for_tests as functions
import futured


class PickleTest(DaemonTest):
    def test_an_executor_is_pickled_as_its_address(self) -> None:  # 15
        executor = self.executor(max_workers=1)
        copy = pickle.loads(pickle.dumps(executor))
        self.addCleanup(copy.shutdown)
        self.assertEqual(copy.address, executor.address)
        self.assertNotEqual(copy.session_id, executor.session_id)
        self.assertEqual(copy.submit(abs, -2).result(PATIENCE), 2)

    def test_a_future_is_pickled_as_its_id(self) -> None:  # 122
        with gate() as path:
            future = self.executor().submit(functions.behind, path, {"a": (1, 2)})
            copy = pickle.loads(pickle.dumps(future))
            self.assertEqual(copy.id, future.id)
            wait_until(copy.running, "the start event")
            open_gate(path)
            self.assertEqual(copy.result(PATIENCE), {"a": (1, 2)})

    def test_a_task_submits_to_its_own_daemon(self) -> None:  # 15
        executor = self.executor()

        def outer(inner: futured.Executor) -> int:
            with inner:
                return inner.submit(abs, -4).result(30) + 1

        self.assertEqual(executor.submit(outer, executor).result(PATIENCE), 5)

    def test_a_task_waits_for_the_future_of_another(self) -> None:
        executor = self.executor()
        with gate() as path:
            first = executor.options(retention=60).submit(functions.behind, path, 20)
            second = executor.submit(lambda future: future.result(30) + 1, first)
            open_gate(path)
            self.assertEqual(second.result(PATIENCE), 21)

    def test_attach_finds_a_future_by_its_id(self) -> None:
        executor = self.executor()
        kept = executor.options(retention=60).submit(abs, -8)
        self.assertEqual(kept.result(PATIENCE), 8)
        self.assertEqual(futured.attach(kept.id, self.daemon.address).result(PATIENCE), 8)

    def test_attach_opens_pickles_only_when_told_to(self) -> None:  # 154
        kept = self.executor().options(retention=60).submit(complex, 1, 2)
        kept.result(PATIENCE)
        closed = futured.attach(kept.id, self.daemon.address)
        self.assertEqual(closed.result(PATIENCE).WhichOneof("kind"), "opaque_value")
        opened = futured.attach(kept.id, self.daemon.address, accept_pickle=True)
        self.assertEqual(opened.result(PATIENCE), 1 + 2j)

    def test_each_attached_future_calls_back(self) -> None:  # 128
        async def awaited(future: futured.Future[int]) -> int:
            return await asyncio.wait_for(asyncio.wrap_future(future), PATIENCE)

        for number in range(3):
            called = threading.Event()
            with gate() as path, futured.Executor(self.daemon.address) as executor:
                future = executor.options(retention=60).submit(functions.behind, path, number)
                copy = pickle.loads(pickle.dumps(future))
                copy.add_done_callback(lambda _: called.set())
                open_gate(path)
                self.assertEqual(asyncio.run(awaited(copy)), number)
                self.assertTrue(called.wait(PATIENCE))
            wait_until(lambda: not futured_threads(), "the end of the threads")

    def test_an_unknown_id_fails_and_does_not_hang(self) -> None:  # 164
        future = futured.attach("00000000-0000-8000-8000-000000000001", self.daemon.address)
        with self.assertRaises(futured.UnknownFuture):
            future.result(PATIENCE)

    def test_what_is_no_id_is_refused(self) -> None:
        for wrong in ("", "1", "00000000-0000-4000-8000-000000000001"):
            with self.assertRaises(ValueError):
                futured.attach(wrong, self.daemon.address)

    def test_an_attached_future_can_be_cancelled(self) -> None:
        with gate() as path:
            executor = self.executor(max_workers=1)
            executor.submit(functions.behind, path)
            pending = executor.submit(abs, -1)
            copy = pickle.loads(pickle.dumps(pending))
            self.assertTrue(copy.cancel())
            with self.assertRaises(concurrent.futures.CancelledError):
                pending.result(PATIENCE)


if __name__ == "__main__":
    unittest.main()
