"""Done callbacks. Numbers are those of docs/semantics.md."""

import concurrent.futures
import queue
import threading
import unittest

from support import PATIENCE, DaemonTest, futured_threads, gate, open_gate

import functions_for_tests as functions
import futured
from futured._callbacks import CallbackThread


class CallbackTest(DaemonTest):
    def test_a_callback_runs_once_on_a_thread_of_its_own(self) -> None:  # 128, 131
        calls = []
        called = threading.Event()

        def callback(future: concurrent.futures.Future[int]) -> None:
            calls.append((future.result(), threading.current_thread().name))
            called.set()

        with gate() as path:
            future = self.executor().submit(functions.behind, path, 3)
            future.add_done_callback(callback)
            open_gate(path)
            self.assertTrue(called.wait(PATIENCE))
        self.assertEqual(calls, [(3, "futured-callbacks")])

    def test_a_callback_of_a_done_future_runs_here_and_now(self) -> None:  # 130
        future = self.executor().submit(abs, -3)
        future.result(PATIENCE)
        threads = []
        future.add_done_callback(lambda _: threads.append(threading.current_thread()))
        self.assertEqual(threads, [threading.current_thread()])

    def test_a_callback_that_blocks_does_not_stop_delivery(self) -> None:  # 131
        release = threading.Event()
        self.addCleanup(release.set)
        executor = self.executor()
        with gate() as path:
            executor.submit(functions.behind, path).add_done_callback(lambda _: release.wait(PATIENCE))
            open_gate(path)
            self.assertEqual(executor.submit(abs, -1).result(PATIENCE), 1)
        release.set()

    def test_what_callbacks_raise_is_logged_and_ignored(self) -> None:  # 132, 133
        called = threading.Event()

        def fail(_: object) -> None:
            raise SystemExit(3)

        with gate() as path, self.assertLogs("concurrent.futures", "ERROR") as logs:
            executor = self.executor()
            future = executor.submit(functions.behind, path)
            future.add_done_callback(fail)
            future.add_done_callback(lambda _: called.set())
            open_gate(path)
            self.assertTrue(called.wait(PATIENCE))
            self.assertEqual(executor.submit(abs, -1).result(PATIENCE), 1)
        self.assertIn("exception calling callback", logs.output[0])

    def test_a_callback_may_wait_for_another_future(self) -> None:  # 131
        results: "queue.Queue[int]" = queue.Queue()
        executor = self.executor()
        with gate() as path:
            future = executor.submit(functions.behind, path)
            future.add_done_callback(lambda _: results.put(executor.submit(abs, -5).result(PATIENCE)))
            open_gate(path)
            self.assertEqual(results.get(timeout=PATIENCE), 5)


class CallbackThreadTest(unittest.TestCase):
    def setUp(self) -> None:
        self.callbacks = CallbackThread()
        self.addCleanup(self.callbacks.join, PATIENCE)
        self.addCleanup(self.callbacks.stop)
        self.ran: "queue.Queue[int]" = queue.Queue()

    def post(self, number: int) -> None:
        self.callbacks.post(lambda: self.ran.put(number))

    def test_what_is_posted_after_a_stop_is_run(self) -> None:
        self.callbacks.stop()
        for number in range(3):
            self.post(number)
            self.assertEqual(self.ran.get(timeout=PATIENCE), number)
            self.callbacks.stop()
            self.callbacks.stop()
            self.callbacks.join(PATIENCE)
            self.assertNotIn("futured-callbacks", futured_threads())

    def test_what_was_posted_before_a_stop_is_run_first_and_alone(self) -> None:
        begun, release = threading.Event(), threading.Event()
        self.addCleanup(release.set)

        def first() -> None:
            begun.set()
            release.wait(PATIENCE)
            self.ran.put(0)

        self.callbacks.post(first)
        self.assertTrue(begun.wait(PATIENCE))
        self.post(1)
        self.callbacks.stop()
        self.post(2)
        self.assertEqual(futured_threads().count("futured-callbacks"), 1)
        release.set()
        self.assertEqual([self.ran.get(timeout=PATIENCE) for _ in range(3)], [0, 1, 2])

    def test_nothing_is_lost_between_threads_that_post_and_stop(self) -> None:
        def work(first: int) -> None:
            for number in range(first, first + 500):
                self.post(number)
                self.callbacks.stop()

        threads = [threading.Thread(target=work, args=(first,)) for first in (0, 1000, 2000)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        ran = [self.ran.get(timeout=PATIENCE) for _ in range(1500)]
        for first in (0, 1000, 2000):
            self.assertEqual([n for n in ran if first <= n < first + 1000], list(range(first, first + 500)))


if __name__ == "__main__":
    unittest.main()
