"""What is told of futures before their end: progress, and what they log."""

import asyncio
import datetime
import queue
import threading
import unittest
from typing import Any, Dict, List

from support import PATIENCE, Daemon, DaemonTest, gate, open_gate, wait_until

import functions_for_tests as functions
import futured
from futured import aio

KEPT = 60.0


class ProgressCallbackTest(DaemonTest):
    def test_it_is_called_while_the_function_runs(self) -> None:  # 197
        told: queue.Queue[Any] = queue.Queue()
        with gate() as path:
            future = self.executor().submit(functions.tell, path, 0.5, "half")
            future.add_progress_callback(lambda progress: told.put((progress, threading.current_thread().name)))
            self.assertEqual(told.get(timeout=PATIENCE), (futured.Progress(0.5, "half"), "futured-callbacks"))
            self.assertFalse(future.done())
            open_gate(path)
            future.result(PATIENCE)

    def test_one_that_is_added_late_is_told_the_last(self) -> None:
        told: queue.Queue[futured.Progress] = queue.Queue()
        with gate() as path:
            future = self.executor().submit(functions.tell, path, 0.5, "half")
            wait_until(future.running, "its beginning")
            future.add_progress_callback(told.put)
            self.assertEqual(told.get(timeout=PATIENCE).message, "half")
            open_gate(path)
            future.result(PATIENCE)

    def test_done_futures_and_those_without_progress_call_nothing(self) -> None:
        told: List[futured.Progress] = []
        executor = self.executor()
        future = executor.submit(abs, -1)
        future.add_progress_callback(told.append)
        future.result(PATIENCE)
        future.add_progress_callback(told.append)
        executor.shutdown()
        self.assertEqual(told, [])

    def test_attached_futures_have_it_too(self) -> None:
        told: queue.Queue[futured.Progress] = queue.Queue()
        with gate() as path:
            future = self.executor().submit(functions.tell, path, 0.5, "half")
            wait_until(future.running, "its beginning")
            attached = futured.attach(future.id, self.daemon.address, accept_pickle=True)
            attached.add_progress_callback(told.put)
            self.assertEqual(told.get(timeout=PATIENCE).fraction, 0.5)
            open_gate(path)
            attached.result(PATIENCE)

    def test_what_it_raises_is_logged_and_ignored(self) -> None:
        told: queue.Queue[futured.Progress] = queue.Queue()

        def fail(_: object) -> None:
            raise SystemExit(3)

        with gate() as path, self.assertLogs("concurrent.futures", "ERROR") as logs:
            future = self.executor().submit(functions.tell, path, 0.5, "half")
            future.add_progress_callback(fail)
            future.add_progress_callback(told.put)
            told.get(timeout=PATIENCE)
            open_gate(path)
            future.result(PATIENCE)
        self.assertIn("progress callback", logs.output[0])

    def test_of_a_burst_the_last_is_told(self) -> None:
        told: List[futured.Progress] = []
        executor = self.executor()
        with gate() as path:
            future = executor.submit(functions.tell_all, path, 1000)
            future.add_progress_callback(told.append)
            wait_until(lambda: told and told[-1].message == "999", "the last report")
            open_gate(path)
            future.result(PATIENCE)
        self.assertLess(len(told), 100)

    def test_shutdown_waits_for_it(self) -> None:
        entered, leave = threading.Event(), threading.Event()
        told: List[str] = []

        def slow(_progress: futured.Progress) -> None:
            entered.set()
            leave.wait(PATIENCE)
            told.append("returned")

        executor = self.executor()
        with gate() as path:
            future = executor.submit(functions.tell, path, 0.5, "half")
            future.add_progress_callback(slow)
            entered.wait(PATIENCE)
            open_gate(path)
            future.result(PATIENCE)
            ending = threading.Thread(target=executor.shutdown)
            ending.start()
            wait_until(lambda: executor._session._shut_down, "the shutdown")
            leave.set()
            ending.join(PATIENCE)
        self.assertEqual(told, ["returned"])


class LogsTest(DaemonTest):
    def test_prints_and_logging_are_lines(self) -> None:  # 64
        with gate() as path:
            future = self.executor().options(retention=KEPT).submit(functions.say, path, ["one", "two"])
            wait_until(lambda: len(list(future.logs())) == 6, "its lines")
            lines = list(future.logs())
            open_gate(path)
            future.result(PATIENCE)
        self.assertEqual(
            [(line.kind, line.text) for line in lines[:3]], [("stdout", "one"), ("stderr", "one"), ("warning", "said: one")]
        )
        self.assertEqual([line.number for line in lines], [1, 2, 3, 4, 5, 6])
        self.assertEqual({line.attempt for line in lines}, {1})
        self.assertLess(abs(datetime.datetime.now(datetime.timezone.utc) - lines[0].time).total_seconds(), PATIENCE)
        self.assertEqual(list(future.logs())[:6], lines)

    def test_following_ends_with_the_future(self) -> None:
        with gate() as path:
            future = self.executor().options(retention=KEPT).submit(functions.say, path, ["one"])
            lines = future.logs(follow=True)
            self.assertEqual([next(lines).text for _ in range(3)], ["one", "one", "said: one"])
            open_gate(path)
            self.assertEqual([line.text for line in lines], ["the end"])

    def test_an_iteration_can_be_ended_by_another_thread(self) -> None:
        with gate() as path:
            future = self.executor().submit(functions.say, path, [])
            lines = future.logs(follow=True)
            threading.Timer(0.1, lines.close).start()
            self.assertEqual(list(lines), [])
            open_gate(path)

    def test_hostile_text_is_text(self) -> None:
        with gate() as path:
            open_gate(path)
            future = self.executor().options(retention=KEPT).submit(functions.say, path, ["\x1b[2J\udcff " + "x" * 20_000])
            future.result(PATIENCE)
        first = next(future.logs())
        self.assertTrue(first.text.startswith("\x1b[2J\\udcff xxx"), first.text[:20])
        self.assertEqual(len(first.text), 8 << 10)

    def test_of_a_future_that_is_not_there_they_are_unknown(self) -> None:
        future = futured.attach("3f0c9a51-77d2-8c1e-9d3a-000000000001", self.daemon.address)
        with self.assertRaises(futured.UnknownFuture):
            list(future.logs())

    def test_arguments_are_in_no_log(self) -> None:
        canary = "canary-7f3a9b"
        future = self.executor().options(retention=KEPT).submit(functions.keywords, canary, secret=canary)
        future.result(PATIENCE)
        self.assertEqual(list(future.logs()), [])
        self.assertNotIn(canary, (self.daemon.folder / "log").read_text())


class AioTest(DaemonTest, unittest.IsolatedAsyncioTestCase):
    async def test_progress_is_told_until_the_end(self) -> None:
        executor = aio.Executor.of(self.executor())
        told = []
        with gate() as path:
            call = executor.submit(functions.tell, path, 0.5, "half")
            async for progress in aio.progress(call):
                told.append(progress.message)
                open_gate(path)
            self.assertTrue(call.done())
        self.assertEqual(told, ["half"])

    async def test_logs_are_told_until_the_end(self) -> None:
        executor = aio.Executor.of(self.executor())
        with gate() as path:
            call = executor.options(retention=KEPT).submit(functions.say, path, ["one"])
            told = []
            async for line in aio.logs(call, follow=True):
                told.append(line.text)
                open_gate(path)
            self.assertEqual(told, ["one", "one", "said: one", "the end"])
            await call

    async def test_leaving_the_loop_ends_the_stream(self) -> None:
        executor = aio.Executor.of(self.executor())
        with gate() as path:
            call = executor.submit(functions.say, path, [])
            lines = aio.logs(call, follow=True)
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(lines.__anext__(), 0.1)
            await lines.aclose()
            open_gate(path)
            await call

    async def test_calls_that_waited_for_room_have_them_too(self) -> None:
        executor = aio.Executor.of(self.executor(max_unaccepted=1))
        with gate() as path:
            calls = [executor.submit(functions.tell, path, 0.5, str(number)) for number in range(20)]
            open_gate(path)
            told: Dict[int, List[str]] = {}
            for number, call in enumerate(calls):
                told[number] = [progress.message async for progress in aio.progress(call)]
            await asyncio.gather(*calls)
        for number, messages in told.items():
            self.assertLessEqual(set(messages), {str(number)})


class RestartTest(unittest.TestCase):
    def test_callbacks_and_followers_outlive_the_daemon(self) -> None:
        daemon = Daemon(memory=False)
        self.addCleanup(daemon.stop)
        with gate() as path, futured.Executor(daemon.address) as executor:
            told: queue.Queue[futured.Progress] = queue.Queue()
            retried = executor.options(retries=futured.Retry(3, delay=0.01), retention=KEPT)
            future = retried.submit(functions.tell, path, 0.5, "half")
            future.add_progress_callback(told.put)
            told.get(timeout=PATIENCE)
            lines = future.logs(follow=True)
            self.assertEqual(next(lines).attempt, 1)
            daemon.kill()
            daemon.start()
            told.get(timeout=PATIENCE)
            self.assertEqual(next(lines).attempt, 2)
            open_gate(path)
            future.result(PATIENCE)
            self.assertEqual(list(lines), [])


if __name__ == "__main__":
    unittest.main()
