"""Futures: waiting for them, what they tell, and how they are stopped. Numbers are those of docs/semantics.md."""

import concurrent.futures
import gc
import os
import tempfile
import unittest
import weakref
from typing import Any, Callable, List

from support import PATIENCE, DaemonTest, gate, late_future, open_gate, wait_until

import functions_for_tests as functions
import pickle_samples as samples
import futured
from futured._generated import future_pb2
from futured._pickles import encode_result


class FutureTest(DaemonTest):
    def test_cancel_takes_back_what_has_not_begun(self) -> None:  # 104, 105, 107, 109
        with gate() as path, tempfile.TemporaryDirectory() as folder:
            executor = self.executor(max_workers=1)
            mark = os.path.join(folder, "mark")
            running = executor.submit(functions.behind, path, 1, mark)
            pending = executor.submit(functions.append, os.path.join(folder, "never"), "x")
            wait_until(lambda: os.path.exists(mark), "the first to run")
            self.assertFalse(running.cancel())
            self.assertTrue(pending.cancel())
            self.assertTrue(pending.cancelled() and pending.done())
            self.assertEqual(concurrent.futures.wait([pending], 0).done, {pending})
            with self.assertRaises(concurrent.futures.CancelledError):
                pending.result(0)
            open_gate(path)
            self.assertEqual(running.result(PATIENCE), 1)
            self.assertFalse(running.cancel())
            executor.shutdown()
            self.assertFalse(os.path.exists(os.path.join(folder, "never")))

    def test_running_is_told(self) -> None:  # 110
        with gate() as path:
            future = self.executor().submit(functions.behind, path)
            wait_until(future.running, "the beginning")
            self.assertIn("running", repr(future))

    def test_a_timeout_changes_nothing(self) -> None:  # 111, 112
        with gate() as path:
            future = self.executor().submit(functions.behind, path, 7)
            for timeout in (0, -1, 0.01):
                with self.assertRaises(concurrent.futures.TimeoutError):
                    future.result(timeout)
            open_gate(path)
            self.assertEqual(future.result(1e20), 7)

    def test_what_comes_as_time_runs_out_is_told_or_not_yet(self) -> None:  # 111
        for entry in (1, 2, 3):
            future = late_future(encode_result(7), False, entry)
            self.assertEqual(_asked_until_told(lambda: future.result(0)), 7)
            failure = future_pb2.Error(message="it failed").SerializeToString()
            failed = late_future(failure, True, entry)
            self.assertIsInstance(_asked_until_told(lambda: failed.exception(0)), futured.TaskError)
            raising = late_future(failure, True, entry)
            with self.assertRaises(futured.TaskError):
                _asked_until_told(lambda: raising.result(0))

    def test_every_call_gives_the_same_object(self) -> None:  # 115
        executor = self.executor()
        future: futured.Future[List[str]] = executor.submit(list, "ab")
        self.assertIs(future.result(PATIENCE), future.result())
        failed = executor.submit(divmod, 1, 0)
        self.assertIs(failed.exception(PATIENCE), failed.exception())
        with self.assertRaises(Exception) as caught:
            failed.result()
        self.assertIs(caught.exception, failed.exception())

    def test_the_remote_traceback_is_the_cause(self) -> None:  # 142
        error = self.executor().submit(functions.raise_weird).exception(PATIENCE)
        assert error is not None
        self.assertIn("raise Weird(1, 2)", str(error.__cause__))

    def test_an_interrupt_while_it_is_unpickled_passes_and_destroys_nothing(self) -> None:
        executor = self.executor()
        returned = executor.submit(samples.make, samples.Interrupts, os.getpid())
        with self.assertRaises(KeyboardInterrupt):
            returned.result(PATIENCE)
        self.assertIsInstance(returned.result(0), samples.Interrupts)
        failed = executor.submit(samples.raise_new, samples.ExceptionThatInterrupts, os.getpid())
        with self.assertRaises(KeyboardInterrupt):
            failed.exception(PATIENCE)
        self.assertIsInstance(failed.exception(0), samples.ExceptionThatInterrupts)

    def test_none_is_a_result(self) -> None:  # 118
        self.assertIsNone(self.executor().submit(print).result(PATIENCE))

    def test_an_exception_that_is_false_is_one(self) -> None:  # 119
        class False_(Exception):
            def __bool__(self) -> bool:
                return False

        class Unpicklable:
            def __reduce__(self) -> str:
                raise False_

        with self.assertRaises(False_):
            self.executor().submit(id, Unpicklable()).result(PATIENCE)

    def test_the_text_tells_state_and_id(self) -> None:  # 121
        future = self.executor().submit(abs, -1)
        future.result(PATIENCE)
        self.assertRegex(repr(future), f"<Future at 0x[0-9a-f]+ id={future.id} state=finished returned int>")

    def test_a_failed_task_leaves_no_cycle(self) -> None:  # 199
        future = self.executor().submit(divmod, 1, 0)
        try:
            future.result(PATIENCE)
        except Exception:
            pass
        reference = weakref.ref(future)
        gc.disable()
        self.addCleanup(gc.enable)
        del future
        wait_until(lambda: reference() is None, "its end without the collector")

    def test_wait_and_as_completed_take_them(self) -> None:  # 166, 180
        executor = self.executor()
        futures = [executor.submit(abs, -i) for i in range(200)]
        done, rest = concurrent.futures.wait(futures, PATIENCE)
        self.assertEqual((len(done), len(rest)), (200, 0))
        self.assertEqual({future.result() for future in concurrent.futures.as_completed(futures)}, set(range(200)))

    def test_wait_for_the_first_exception(self) -> None:  # 169
        with gate() as path:
            executor = self.executor()
            failing = executor.submit(divmod, 1, 0)
            slow = executor.submit(functions.behind, path)
            done, rest = concurrent.futures.wait([failing, slow], PATIENCE, concurrent.futures.FIRST_EXCEPTION)
            self.assertEqual((done, rest), ({failing}, {slow}))

    def test_a_lost_worker_fails_its_future_only(self) -> None:  # 155, 157
        executor = self.executor()
        lost = executor.submit(functions.end_process)
        after = [executor.submit(abs, -i) for i in range(20)]
        with self.assertRaises(concurrent.futures.process.BrokenProcessPool) as caught:
            lost.result(PATIENCE)
        self.assertIsInstance(caught.exception, futured.WorkerLost)
        self.assertIn("7", str(caught.exception))
        self.assertEqual([future.result(PATIENCE) for future in after], list(range(20)))


def _asked_until_told(ask: Callable[[], Any]) -> Any:
    for _ in range(10):
        try:
            return ask()
        except concurrent.futures.TimeoutError:
            pass
    raise AssertionError("it was never told")


class StopTest(DaemonTest):
    def test_a_function_that_is_killed_is_cancelled(self) -> None:
        with gate() as path, tempfile.TemporaryDirectory() as folder:
            mark = os.path.join(folder, "mark")
            executor = self.executor()
            future = executor.submit(functions.behind, path, 1, mark)
            wait_until(lambda: os.path.exists(mark), "it to run")
            self.assertTrue(future.kill())
            with self.assertRaises(concurrent.futures.CancelledError):
                future.result(PATIENCE)
            self.assertEqual(executor.submit(abs, -1).result(PATIENCE), 1)
            with self.assertRaises(ValueError):
                future.kill(grace=-1)

    def test_terminate_workers_ends_what_runs(self) -> None:  # 92, 94
        for end in (futured.Executor.terminate_workers, futured.Executor.kill_workers):
            with gate() as path, tempfile.TemporaryDirectory() as folder:
                mark = os.path.join(folder, "mark")
                executor = self.executor(max_workers=1)
                running = executor.submit(functions.behind, path, 1, mark)
                pending = executor.submit(abs, -1)
                wait_until(lambda: os.path.exists(mark), "it to run")
                end(executor)
                self.assertIsInstance(running.exception(PATIENCE), futured.WorkerLost)
                self.assertTrue(pending.cancelled())
                with self.assertRaises(RuntimeError):
                    executor.submit(abs, -1)
                end(executor)


if __name__ == "__main__":
    unittest.main()
