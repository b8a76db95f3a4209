"""Python workers of a real daemon: what a program that submits sees of them. Numbers are those of docs/semantics.md."""

from __future__ import annotations

import concurrent.futures
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from typing import Any, List

from support import PATIENCE, Daemon, DaemonTest, wait_until

import functions_for_tests as functions
import futured
import pickle_samples as samples
from futured import worker


def kill_self(signal_number: int) -> None:
    os.kill(os.getpid(), signal_number)


def spin_until_stopped(mark: str) -> None:
    pathlib.Path(mark).touch()
    while True:
        worker.current().raise_if_cancelled()
        time.sleep(0.002)


def spin_for_ever(mark: str) -> None:
    pathlib.Path(mark).touch()
    while True:
        time.sleep(0.01)


def print_id(text: str) -> str:
    print(text)
    return worker.current().id


def submit_to(address: str, number: int) -> int:
    with futured.Executor(address) as executor:
        return executor.submit(pow, number, 2).result(PATIENCE) + 1


def run_program() -> str:
    return subprocess.run(["/bin/echo", "hello"], stdout=subprocess.PIPE, check=True, text=True).stdout


def raise_with_notes() -> None:
    error = samples.Careful("a.txt", line=3)
    error.hint = "look elsewhere"  # type: ignore[attr-defined]
    raise error


def prepare(name: str) -> None:
    os.environ["PREPARED_BY_TEST"] = os.environ.get("PREPARED_BY_TEST", "") + name


def prepared() -> str:
    return os.environ.get("PREPARED_BY_TEST", "")


class WorkerTest(DaemonTest):
    @classmethod
    def setUpClass(cls) -> None:
        cls.daemon = Daemon(workers=2, modules=["worker_functions"], extra="kill_grace = '100ms'")

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="futured-test-")
        self.addCleanup(folder.cleanup)
        self.mark = os.path.join(folder.name, "mark")

    def begun(self) -> bool:
        return os.path.exists(self.mark)

    # --- Named functions.

    def test_named_functions_of_a_module_are_served(self) -> None:
        executor = self.executor(executor="python")
        self.assertEqual(executor.submit("test.add", 1, second=2).result(PATIENCE), 3)
        self.assertEqual(list(executor.map("test.echo", range(100))), list(range(100)))

    def test_their_errors_arrive_as_task_errors(self) -> None:  # 152
        error = self.executor(executor="python").submit("test.raise", "bad luck").exception(PATIENCE)
        assert isinstance(error, futured.TaskError)
        self.assertEqual((error.type, error.message, error.attempt), ("ValueError", "bad luck", 1))
        self.assertRegex(error.worker, r"^python-\d+$")

    # --- Death.

    def test_a_worker_that_dies_fails_its_own_future_only(self) -> None:  # 155, 156
        executor = self.executor(executor="python")
        good = [executor.submit(abs, -number) for number in range(50)]
        bad = executor.submit(os._exit, 9)
        good += [executor.submit(abs, -number) for number in range(50, 100)]
        error = bad.exception(PATIENCE)
        self.assertIsInstance(error, concurrent.futures.process.BrokenProcessPool)
        self.assertIsInstance(error, futured.WorkerLost)
        self.assertIn("9", str(error))
        self.assertEqual([future.result(PATIENCE) for future in good], list(range(100)))

    def test_the_signal_that_ended_a_worker_is_named(self) -> None:  # 158
        executor = self.executor(executor="python")
        for number, name in ((signal.SIGKILL, "SIGKILL"), (signal.SIGSEGV, "SIGSEGV")):
            with self.assertRaisesRegex(futured.WorkerLost, name):
                executor.submit(kill_self, number).result(PATIENCE)

    def test_a_crashed_task_is_retried_when_asked_for(self) -> None:  # 156
        def crash_once(mark: str) -> int:
            if not os.path.exists(mark):
                pathlib.Path(mark).touch()
                os._exit(1)
            return worker.current().attempt

        options = self.executor(executor="python").options(retries=futured.Retry(3, delay=0))
        self.assertEqual(options.submit(crash_once, self.mark).result(PATIENCE), 2)

    def test_what_ends_a_program_does_not_end_a_worker(self) -> None:  # 91, 146
        executor = self.executor(executor="python")
        before = {executor.submit(os.getpid).result(PATIENCE) for _ in range(20)}
        for _ in range(10):
            with self.assertRaises((SystemExit, futured.TaskError)):
                executor.submit(sys.exit, 3).result(PATIENCE)
            with self.assertRaises((KeyboardInterrupt, futured.TaskError)):
                executor.submit(samples.raise_it, KeyboardInterrupt()).result(PATIENCE)
        self.assertTrue(before & {executor.submit(os.getpid).result(PATIENCE) for _ in range(20)})

    def test_a_worker_is_replaced_after_max_tasks_per_child(self) -> None:  # 82, 85
        daemon = Daemon(workers=1, extra="max_tasks_per_child = 3")
        self.addCleanup(daemon.stop)
        with futured.Executor(daemon.address) as executor:
            pids = [future.result(PATIENCE) for future in [executor.submit(os.getpid) for _ in range(10)]]
        # The daemon counts tasks that it took back as well.
        self.assertLessEqual(max(pids.count(pid) for pid in pids), 3)

    def test_workers_that_cannot_start_fail_their_futures(self) -> None:  # 86
        daemon = Daemon(workers=1, modules=["no_such_module"])
        self.addCleanup(daemon.stop)
        with futured.Executor(daemon.address) as executor:
            with self.assertRaisesRegex(futured.ExecutorBroken, "no_such_module"):
                executor.submit(abs, -1).result(PATIENCE)

    # --- Stopping.

    def test_a_running_function_may_honour_a_stop(self) -> None:
        future = self.executor(executor="python").submit(spin_until_stopped, self.mark)
        wait_until(self.begun)
        self.assertTrue(future.request_stop())
        with self.assertRaises(concurrent.futures.CancelledError):
            future.result(PATIENCE)
        self.assertTrue(future.cancelled())

    def test_one_that_does_not_can_be_killed(self) -> None:
        future = self.executor(executor="python").submit(spin_for_ever, self.mark)
        wait_until(self.begun)
        self.assertTrue(future.kill())
        with self.assertRaises(concurrent.futures.CancelledError):
            future.result(PATIENCE)

    def test_a_function_that_takes_too_long_fails(self) -> None:
        executor = self.executor(executor="python")
        for function in (spin_until_stopped, spin_for_ever):
            future = executor.options(timeout=0.2).submit(function, self.mark)
            with self.assertRaises(futured.TaskTimeout):
                future.result(PATIENCE)
        self.assertEqual(executor.submit(abs, -1).result(PATIENCE), 1)

    def test_a_function_knows_its_deadline(self) -> None:
        def time_left() -> Any:
            deadline = worker.current().deadline
            return None if deadline is None else deadline - time.monotonic()

        executor = self.executor(executor="python")
        self.assertIsNone(executor.submit(time_left).result(PATIENCE))
        self.assertTrue(20 < executor.options(timeout=30).submit(time_left).result(PATIENCE) <= 30)

    # --- Telling.

    def test_what_a_task_prints_is_in_the_daemon_s_log_with_its_id(self) -> None:  # 64
        future = self.executor(executor="python").submit(print_id, "a line of the test")
        self.assertEqual(future.result(PATIENCE), future.id)
        wait_until(lambda: "a line of the test" in self.daemon.log())
        line = next(line for line in self.daemon.log().splitlines() if "a line of the test" in line)
        self.assertIn(future.id, line)

    # --- What functions do.

    def test_a_task_may_submit_to_its_own_daemon(self) -> None:  # 15
        executor = self.executor(executor="python")
        self.assertEqual(executor.submit(submit_to, self.daemon.address, 3).result(PATIENCE), 10)

    def test_a_task_may_start_programs_and_processes(self) -> None:
        executor = self.executor(executor="python")
        self.assertEqual(executor.submit(run_program).result(PATIENCE), "hello\n")
        self.assertEqual(executor.submit("test.fork").result(PATIENCE), 7)
        self.assertEqual(executor.submit(abs, -1).result(PATIENCE), 1)

    def test_a_task_may_use_a_pool_of_processes(self) -> None:
        def squares(context: str) -> List[int]:
            import multiprocessing

            with multiprocessing.get_context(context).Pool(2) as pool:
                return pool.starmap(pow, [(number, 2) for number in range(10)])

        executor = self.executor(executor="python")
        for context in ("fork", "spawn"):
            with self.subTest(context):
                self.assertEqual(executor.submit(squares, context).result(PATIENCE)[9], 81)

    def test_megabytes_go_both_ways(self) -> None:  # 96
        data = os.urandom(3 << 20)
        executor = self.executor(executor="python")
        self.assertEqual(executor.submit(bytes.upper, data).result(PATIENCE), data.upper())

    def test_a_value_above_the_limit_fails_its_future_only(self) -> None:  # 96
        executor = self.executor(executor="python")
        with self.assertRaisesRegex(futured.LimitExceeded, "the limit is"):
            executor.submit(bytes, 50 << 20).result(PATIENCE)
        self.assertEqual(executor.submit(abs, -1).result(PATIENCE), 1)

    # --- Initializers and exceptions.

    def test_an_initializer_has_run_before_the_calls_of_its_executor_and_no_others(self) -> None:  # 72
        executor = self.executor(executor="python", initializer=prepare, initargs=("x",))
        self.assertEqual({executor.submit(prepared).result(PATIENCE) for _ in range(20)}, {"x"})

    def test_an_initializer_that_fails_breaks_the_calls_of_its_executor_only(self) -> None:  # 73, 86
        failing = self.executor(executor="python", initializer=samples.raise_it, initargs=(ValueError("no disk"),))
        with self.assertRaisesRegex(futured.InitializerFailed, "no disk") as caught:
            failing.submit(abs, -1).result(PATIENCE)
        self.assertIsInstance(caught.exception, concurrent.futures.BrokenExecutor)
        self.assertEqual(self.executor(executor="python").submit(abs, -1).result(PATIENCE), 1)

    def test_exceptions_arrive_as_they_were_raised(self) -> None:  # 141, 142
        executor = self.executor(executor="python")
        if isinstance(executor.submit(samples.raise_it, ValueError(1)).exception(PATIENCE), futured.TaskError):
            self.skipTest("this daemon does not forward exceptions")
        error = executor.submit(raise_with_notes).exception(PATIENCE)
        assert isinstance(error, samples.Careful)
        self.assertEqual((error.path, error.line), ("a.txt", 3))
        self.assertIn("raise error", str(error.__cause__))
        self.assertNotIsInstance(executor.submit(functions.raise_weird).exception(PATIENCE), functions.Weird)

    def test_tracebacks_arrive(self) -> None:  # 142
        error = self.executor(executor="python").submit(raise_with_notes).exception(PATIENCE)
        assert error is not None
        self.assertIn("raise_with_notes", str(error.__cause__))

    def test_a_module_that_workers_lack_is_named(self) -> None:  # 151
        error = self.executor(executor="python").submit(print, samples.OnlyHere()).exception(PATIENCE)
        self.assertIsInstance(error, futured.NotUnpicklable)
        self.assertIn("No module named 'elsewhere'", str(error))

    def test_many_crashes_among_many_calls_fail_only_their_own(self) -> None:  # 155, 157
        def maybe(number: int) -> int:
            if number % 50 == 25:
                os._exit(1)
            return number

        executor = self.executor(executor="python")
        futures = [executor.submit(maybe, number) for number in range(300)]
        concurrent.futures.wait(futures, PATIENCE)
        failed: List[int] = [number for number, future in enumerate(futures) if future.exception(PATIENCE)]
        self.assertEqual(failed, [25, 75, 125, 175, 225, 275])


if __name__ == "__main__":
    unittest.main()
